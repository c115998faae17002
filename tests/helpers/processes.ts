import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How many processes of this machine run with exactly these arguments. */
export async function running(...argv: readonly string[]): Promise<number> {
  const wanted = `${argv.join('\0')}\0`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line === wanted).length
}

/** Waits until `condition` holds; false when it does not within the limit. */
export async function eventually(condition: () => Promise<boolean> | boolean, limitMs = 3000): Promise<boolean> {
  const end = Date.now() + limitMs
  while (Date.now() < end) {
    if (await condition()) return true
    await sleep(20)
  }
  return condition()
}

let count = 0

/** An argument for `sleep` that no other process has, so that what was left behind can be found: some 1000 s. */
export const uniqueSeconds = (): string => `1000.${process.pid}${String((count += 1)).padStart(4, '0')}`
