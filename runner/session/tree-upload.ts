import { TsplayError } from '../model/errors.ts'
import { quote } from '../model/quote.ts'
import type { TreeAction } from '../model/step.ts'
import type { DataProgram } from './data-program.ts'
import { sendStream } from './send-stream.ts'
import { stallGuard } from './stall-guard.ts'
import { streamText } from './stream-text.ts'
import { treeArchive } from './tree-archive.ts'
import { treeStage } from './tree-place.ts'

export interface TreeUpload {
  readonly target: string
  readonly rootMode: string
  readonly actions: readonly TreeAction[]
}

/** Unpacks what comes, and prints where; nothing is left where it does not come whole, or stands still for a minute or two. */
const receiver = ({ target, rootMode }: TreeUpload) => `${treeStage}
tree_stage ${quote(target)} ${rootMode}
exec 3<&0
tree_extract ${quote(target)} <&3 & p=$!
exec 3<&- </dev/null
${stallGuard('du -s "$n"')}
trap 'kill -s USR2 "$g" 2>/dev/null; kill "$p" 2>/dev/null; rm -rf -- \${n:+"$n"}' EXIT
wait "$p" || exit 1
printf '%s\\n' "$n"
n=`

/**
 * Streams what the actions need into a new directory on the host, and gives its path. On any failure there is none.
 *
 * @throws TsplayError COMMAND with the host's reason; LOST when the channel goes before the end; OPTIONS when a local file
 * can't be read any more.
 */
export const uploadTree = (asUser: DataProgram, where: string, tree: TreeUpload): Promise<string> =>
  asUser(receiver(tree), async (channel) => {
    const stdout = streamText(channel.stdout)
    const stderr = streamText(channel.stderr)
    await sendStream(channel, treeArchive(tree.actions)).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new TsplayError('OPTIONS', `a file could not be sent to ${where}: ${why}`, { cause })
    })
    const exit = await channel.closed
    if (exit.code === 0) return (await stdout).slice(0, -1)
    if (exit.lost) throw new TsplayError('LOST', `${where}: the connection was lost while ${tree.target} was uploaded`)
    const reason = (await stderr).trim() || `the upload of ${tree.target} ended with ${exit.signal ?? exit.code}`
    throw new TsplayError('COMMAND', `${where}: ${reason.replace(/^tsplay: /, '')}`)
  })
