import { readFile } from 'node:fs/promises'

/**
 * Tells, look by look, for how many in a row a process has only waited: asleep, without use of the processor. Time alone
 * would not tell a process that something keeps open from one that a busy machine does not let end.
 */
export function idleLooks(pid: number): () => Promise<number> {
  let looks = 0
  let usedBefore = -1
  return async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // proc(5): state, then ten fields, then user and system time in ticks.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const used = Number(fields[10]) + Number(fields[11])
    looks = state === 'S' && used - usedBefore <= 1 ? looks + 1 : 0
    usedBefore = used
    return looks
  }
}
