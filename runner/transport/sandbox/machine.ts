import { access, constants, readFile } from 'node:fs/promises'
import { lstatSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { TsplayError } from '../../model/errors.ts'

/** Ids outside that stand for a host's ids inside. `first` is absent where `unshare` asks newuidmap(1) for them. */
export interface IdRange {
  readonly first: number | undefined
  /** 1: only root exists inside, and it is the user who runs tsplay. */
  readonly count: number
}

/** Full paths, so that nothing in a host or in a folder of the user stands in for them. */
export interface Programs {
  readonly unshare: string
  readonly nsenter: string
  readonly setpriv: string
}

export const isRoot = (): boolean => process.getuid?.() === 0

/** The programs of util-linux that a sandbox is built with. */
export async function findPrograms(): Promise<Programs> {
  const [unshare, nsenter, setpriv] = await Promise.all([find('unshare'), find('nsenter'), find('setpriv')])
  return { unshare, nsenter, setpriv }
}

async function find(name: string): Promise<string> {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = `${folder}/${name}`
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw new TsplayError('CONNECT', `${name} is not installed`, { hint: 'install the package util-linux' })
}

/**
 * The ids for a host. As root never root's own: a range that no user of the machine has, so that root inside has no
 * right to any file outside (user_namespaces(7)).
 */
export async function idRange(): Promise<IdRange> {
  if (!isRoot()) return { first: undefined, count: (await hasSubordinateIds()) ? 65_536 : 1 }
  const maps = await Promise.all(['uid', 'gid'].map((kind) => readFile(`/proc/self/${kind}_map`, 'utf8')))
  for (const [first, count] of [
    [1_900_000_000, 65_536],
    [1_000_000, 65_536],
    [100_000, 65_536],
    [20_000, 40_000],
  ] as const) {
    if (maps.every((map) => covers(map, first, count))) return { first, count }
  }
  throw new TsplayError('CONNECT', 'this container has too few user ids for a sandbox')
}

const covers = (map: string, first: number, count: number) =>
  map.split('\n').some((line) => {
    const [start = NaN, , length = NaN] = line.trim().split(/\s+/).map(Number)
    return start <= first && first + count <= start + length
  })

/** Whether `unshare --map-auto` (util-linux 2.38) can give this user a whole range. */
function hasSubordinateIds(): Promise<boolean> {
  return new Promise((resolve) => {
    spawn('unshare', ['--map-root-user', '--map-auto', 'true'], { stdio: 'ignore' })
      .once('error', () => resolve(false))
      .once('exit', (code) => resolve(code === 0))
  })
}

/** A folder of the machine that each host's own mount namespace may cover while it is being built. */
export function workFolder(used: readonly string[]): string {
  for (const folder of ['/mnt', '/media', '/srv', '/opt', '/var/tmp', '/tmp', '/home']) {
    if (used.some((path) => path === folder || path.startsWith(`${folder}/`))) continue
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder
  }
  throw new TsplayError('CONNECT', 'the machine has none of /mnt, /media, /srv, /opt, /var/tmp, /tmp and /home')
}
