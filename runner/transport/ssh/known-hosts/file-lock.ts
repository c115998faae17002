import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A lock whose holder is older than this died with it. */
const staleMs = 10_000

/** Runs `act` while holding `FILE.tsplay-lock`: one writer on this machine at a time. */
export async function withLock<T>(file: string, act: () => Promise<T>): Promise<T> {
  const lock = `${file}.tsplay-lock`
  for (let waited = 0; ; waited += 25) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || waited > 2 * staleMs) throw error
      const age = await stat(lock).then(
        (info) => Date.now() - info.mtimeMs,
        () => 0,
      )
      if (age > staleMs) await rm(lock, { force: true })
      await sleep(25)
    }
  }
  try {
    return await act()
  } finally {
    await rm(lock, { force: true })
  }
}
