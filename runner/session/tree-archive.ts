import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import type { TreeAction } from '../model/step.ts'

/** The name of the archive's last entry, which says what is to become of the others: once it is there, they all are. */
export const planName = 'plan'

/**
 * What a host needs to carry out the actions, as a tar archive. Contents have numbers for names, since not every tar reads
 * long or foreign ones; where each goes is in the plan.
 */
export function treeArchive(actions: readonly TreeAction[]): Readable {
  const archive = pack()
  // Its own failure, such as a file that has gone, is what the reader is to see.
  void fill(archive, actions).catch((error: Error) => archive.destroy(error))
  return Readable.from(archive)
}

async function fill(archive: Pack, actions: readonly TreeAction[]): Promise<void> {
  for (const [number, action] of actions.entries()) {
    if (action.kind !== 'file') continue
    const { size } = await stat(action.localPath)
    const entry = archive.entry({ name: String(number), size, mode: 0o600 })
    await pipeline(createReadStream(action.localPath), entry)
  }
  archive.entry({ name: planName, mode: 0o600 }, actions.map(planLine).join(''))
  archive.finalize()
}

/** `KIND MODE NUMBER PATH`, and for a link a line with its target. */
function planLine(action: TreeAction, number: number): string {
  const mode = 'mode' in action && action.mode !== undefined ? action.mode : '-'
  const line = `${action.kind} ${mode} ${number} ${action.path}\n`
  return action.kind === 'link' ? `${line}${action.target}\n` : line
}

/** How long the archive will be, in bytes, or a little less than this. */
export const treeArchiveBytes = (actions: readonly TreeAction[]): number =>
  actions.reduce(
    (sum, action) =>
      sum + Buffer.byteLength(planLine(action, 99_999)) + (action.kind === 'file' ? action.size + 1024 : 0),
    10_240,
  )
