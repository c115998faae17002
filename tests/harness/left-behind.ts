import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LeftProcess {
  readonly pid: number
  readonly command: string
}

/** Processes in whose environment one of the marks stands: a variable, a home or a user of the test that started them. */
async function marked(marks: readonly string[]): Promise<LeftProcess[]> {
  const found: LeftProcess[] = []
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!marks.some((mark) => environment.includes(mark))) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    // A process that is just ending has an environment, and no command any more.
    if (command !== '') found.push({ pid, command: command.replaceAll('\0', ' ').trim().slice(0, 200) })
  }
  return found
}

/** What a test process left running, after the 10 s that a detached step has between TERM and KILL; it is ended then. */
export async function leftBehind(marks: readonly string[], graceMs = 12_000): Promise<LeftProcess[]> {
  let left = await marked(marks)
  for (let waited = 0; left.length > 0 && waited < graceMs; waited += 100) {
    await sleep(100)
    left = await marked(marks)
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended meanwhile, or is another user's.
    }
  }
  return left
}
