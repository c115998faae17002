import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Counts the CPU time of this process and of all that it starts, also of those that outlive their parents. */
export interface CpuAccount extends Disposable {
  /** In milliseconds, since the account was opened. */
  ms(): number
}

const kinds = [
  { parent: '/sys/fs/cgroup/cpuacct', file: 'cpuacct.usage', ms: (text: string) => Number(text) / 1e6 },
  {
    parent: '/sys/fs/cgroup',
    file: 'cpu.stat',
    ms: (text: string) => Number(/^usage_usec (\d+)/m.exec(text)?.[1]) / 1e3,
  },
] as const

/** Opens an account, as a control group of its own; `undefined` where that is not allowed. */
export function openCpuAccount(): CpuAccount | undefined {
  for (const { parent, file, ms } of kinds) {
    const group = join(parent, `tsplay-bench-${process.pid}`)
    try {
      mkdirSync(group)
      writeFileSync(join(group, 'cgroup.procs'), String(process.pid))
      const read = () => ms(readFileSync(join(group, file), 'utf8'))
      if (Number.isNaN(read())) continue
      return {
        ms: read,
        [Symbol.dispose]() {
          // Whatever still runs goes back to where it would have been.
          for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) {
            if (pid !== '') moveTo(parent, pid)
          }
          rmdirSync(group)
        },
      }
    } catch {
      // Not this kind, or not ours to make.
    }
  }
  return undefined
}

function moveTo(group: string, pid: string): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), pid)
  } catch {
    // It has ended meanwhile.
  }
}
