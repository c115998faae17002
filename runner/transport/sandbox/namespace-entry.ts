import { closeSync, openSync } from 'node:fs'
import type { Launch } from './isolation.ts'
import { isRoot, type IdRange, type Programs } from './machine.ts'

/** The kinds, in the order in which their descriptors are handed on, from 3. The last is the outer user namespace. */
const kinds = ['user', 'mnt', 'uts', 'ipc', 'net', 'pid', 'outer'] as const

/** Never given inside: with them, even a mistake of the kernel's could reach the machine's hardware, clock or modules. */
const dropped = ['sys_module', 'sys_boot', 'sys_time', 'sys_rawio', 'mknod', 'net_admin', 'sys_resource', 'syslog']

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The way into a host's namespaces. It keeps descriptors of them, not process ids: an id can be used again by the
 * machine once the host has ended, and the command would then run there.
 */
export class NamespaceEntry {
  readonly #fds: readonly number[]

  /** Ids as the machine sees them, of processes that can't have ended yet: the host's process 1, and the one in all its namespaces. */
  constructor(init: number, holder: number) {
    const open: number[] = []
    for (const kind of kinds) {
      const file = kind === 'outer' ? `${init}/ns/user` : kind === 'pid' ? `${init}/ns/pid` : `${holder}/ns/${kind}`
      open.push(openSync(`/proc/${file}`, 'r'))
    }
    this.#fds = open
  }

  close(): void {
    for (const fd of this.#fds) closeSync(fd)
  }

  /** A program of the host's login user, or that user's shell. */
  launch(command: string | undefined, programs: Programs, ids: IdRange): Launch {
    const single = ids.count === 1
    const keep = single ? ['--preserve-credentials'] : ['--setuid', '0', '--setgid', '0']
    const rest = [at('mount', 'mnt'), at('uts', 'uts'), at('ipc', 'ipc'), at('net', 'net')]
    // Without root, the process namespace belongs to the outer user namespace: it is entered first, from there.
    const outer = isRoot()
      ? [at('user', 'user'), at('pid', 'pid'), ...rest]
      : [at('user', 'outer'), at('pid', 'pid'), '--preserve-credentials', programs.nsenter, at('user', 'user'), ...rest]
    const limits = `--bounding-set=${dropped.map((capability) => `-${capability}`).join(',')}`
    const identity = single ? [] : ['--reuid=1000', '--regid=1000', '--init-groups']
    const [home, name] = single ? ['/root', 'root'] : ['/home/sandbox', 'sandbox']
    // The descriptors were for nsenter alone.
    const closed = kinds.map((_, i) => `${i + 3}<&-`).join(' ')
    const shell = `exec ${closed}; cd 2>/dev/null; exec /bin/sh ${command === undefined ? '' : '-c "$1"'}`
    return {
      file: programs.nsenter,
      args: [...outer, ...keep, programs.setpriv, limits, ...identity, '/bin/sh', '-c', shell, 'sh', command ?? ''],
      cwd: '/',
      env: { PATH: path, HOME: home, USER: name, LOGNAME: name, SHELL: '/bin/sh', LANG: 'C.UTF-8' },
      descriptors: this.#fds,
    }
  }
}

const at = (option: string, kind: (typeof kinds)[number]) => `--${option}=/proc/self/fd/${kinds.indexOf(kind) + 3}`
