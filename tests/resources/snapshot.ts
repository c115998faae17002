import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, readlink } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Place } from './place.ts'

const run = promisify(execFile)

/** Shared memory of SQLite, which every question to rpm's database touches. */
const rpmMemory = ['./var/lib/rpm/rpmdb.sqlite-shm', './var/lib/rpm/rpmdb.sqlite-wal']

/** Files that podman opens for writing and writes to at each question, with the same in them. */
const podmanLocks = ['./var/lib/containers/storage/storage.lock', './var/lib/containers/storage/vfs-layers/layers.lock']

/** Where a host keeps what is no part of its state, and what tests put there themselves. */
const elsewhere = ['./proc', './sys', './dev', './run', './var/log', './tsplay-shim', ...rpmMemory, ...podmanLocks]

/**
 * Everything that is at a path, by path: type, mode, owner, size, link target, and when it was last written and changed.
 * The time of the last change (ctime) can't be set back, so two equal snapshots mean that nothing was written at all.
 */
export async function snapshot(place: Place): Promise<ReadonlyMap<string, string>> {
  const skip = elsewhere.flatMap((path) => ['-path', path, '-prune', '-o'])
  const format = '%p\\t%y %m %U %G %s %l %T@ %C@\\0'
  const { stdout } = await run('find', ['.', ...skip, '-printf', format], { cwd: place.files, maxBuffer: 256 << 20 })
  return new Map(
    stdout
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(1, line.indexOf('\t')) || '/', line.slice(line.indexOf('\t') + 1)]),
  )
}

/** Paths at which two snapshots differ. */
export const differing = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).toSorted()

/** Packages and units are told apart from files: a unit may be stopped without a write. */
export async function systemState(place: Place): Promise<string> {
  if (place.name === 'busybox') return ''
  if (place.name === 'openrc') return place.inside('ls -1 /run/openrc/started; ls -1 /etc/runlevels/default')
  if (place.name === 'apk') return place.inside('cat /lib/apk/db/installed /etc/apk/world')
  const packages = {
    debian: "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n'",
    dnf: 'rpm -qa; cat /etc/dnf/plugins/versionlock.list',
  }
  const units = 'systemctl list-units --all --plain --no-legend --full -t service,socket,timer,mount,swap'
  return place.inside(`${units} | grep -v 'session-\\|user@\\|user-runtime\\|systemd-tmpfiles-clean'
systemctl list-unit-files --no-legend; ${packages[place.name]}
cat /proc/modules | cut -d' ' -f1; sysctl -a 2>/dev/null | grep '^net.ipv4.ip_local_port_range\\|^vm.max_map'; hostname; cat /proc/mounts /proc/swaps`)
}

/** What is there, whenever it came: type, mode, owner, link target, SHA-256. For `paths`, as an overlay shows them. */
async function contents(place: Place, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const path of paths) found.set(path, await contentAt(place, path))
  return found
}

/** A place at one moment, to be compared with later. */
export interface Picture {
  readonly files: ReadonlyMap<string, string>
  readonly contents: ReadonlyMap<string, string>
}

export async function picture(place: Place): Promise<Picture> {
  const files = await snapshot(place)
  return { files, contents: await contents(place, [...files.keys()]) }
}

/** Paths at which something else is than was then, whenever it was written. */
export async function changedSince(place: Place, then: Picture): Promise<string[]> {
  const paths = differing(then.files, await snapshot(place))
  const now = await contents(place, paths)
  // What an overlay did not have then was as its bases have it.
  const below = { ...place, files: '/nonexistent' }
  const missing = await contents(
    below,
    paths.filter((path) => !then.contents.has(path)),
  )
  return paths.filter((path) => now.get(path) !== (then.contents.get(path) ?? missing.get(path)))
}

async function contentAt(place: Place, path: string): Promise<string> {
  for (const layer of [place.files, ...place.bases]) {
    const at = join(layer, path)
    const stat = await lstat(at).catch(() => undefined)
    if (stat === undefined) continue
    // What an overlay has removed.
    if (stat.isCharacterDevice() && stat.rdev === 0) return 'absent'
    const owner = `${(stat.mode & 0o177777).toString(8)} ${stat.uid} ${stat.gid}`
    if (stat.isSymbolicLink()) return `${owner} ${await readlink(at)}`
    return stat.isFile() ? `${owner} ${await digest(at, stat.size)}` : owner
  }
  return 'absent'
}

async function digest(path: string, size: number): Promise<string> {
  const hash = createHash('sha256')
  if (size < 1 << 20) return hash.update(await readFile(path)).digest('hex')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
