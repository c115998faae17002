import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { TsplayError } from '../model/errors.ts'
import { quote } from '../model/quote.ts'
import type { DataProgram } from './data-program.ts'
import { digestCommand } from './replaced-file.ts'
import { stallGuard } from './stall-guard.ts'
import { streamText } from './stream-text.ts'

/** Prints the file, and on the error stream `size digest` of what the file holds afterwards. */
const sender = (source: string) => `t=${quote(source)}
[ -f "$t" ] || { printf 'tsplay: %s: %s\\n' "$t" 'there is no such file' >&2; exit 1; }
cat -- "$t" & p=$!
${stallGuard('cat "/proc/$p/io"')}
trap 'kill -s USR2 "$g" 2>/dev/null; kill "$p" 2>/dev/null' EXIT
wait "$p" || exit 1
${digestCommand}
printf 'tsplay: sent %s %s\\n' "$(wc -c <"$t" | tr -d ' ')" "$(digest <"$t")" >&2`

/**
 * Streams a file from the host into a local path: a temporary file beside it, checked by size and SHA-256, then renamed.
 *
 * @throws TsplayError COMMAND with the host's reason; LOST when the channel goes before the end.
 */
export async function download(asUser: DataProgram, where: string, source: string, localPath: string): Promise<void> {
  const temporary = `${localPath}.tsplay-${randomBytes(6).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    try {
      await asUser(sender(source), async (channel) => {
        const stderr = streamText(channel.stderr)
        channel.stdin.end()
        const got = await receive(channel.stdout, file)
        const exit = await channel.closed
        if (exit.lost) throw new TsplayError('LOST', `${where}: the connection was lost while ${source} was downloaded`)
        const [, size, sha256] = /tsplay: sent (\d+) ([0-9a-f]*)\s*$/.exec(await stderr) ?? []
        if (exit.code !== 0 || size === undefined) {
          const reason = (await stderr).trim() || `the download of ${source} ended with ${exit.signal ?? exit.code}`
          throw new TsplayError('COMMAND', `${where}: ${reason.replace(/^tsplay: /, '')}`)
        }
        if (got.size !== Number(size) || (sha256 !== '' && got.sha256 !== sha256)) {
          throw new TsplayError('COMMAND', `${where}: ${source} was changed while it was downloaded`)
        }
      })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, localPath)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function receive(stream: Readable, file: FileHandle): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten
    }
  } catch (error) {
    // What is wrong with the local disk has a system call; what is wrong with the stream is told by the channel's end.
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') throw error
  }
  return { size, sha256: hash.digest('hex') }
}
