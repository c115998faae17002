import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labFolder } from '../lab/folder.ts'
import { type LabHost, labHosts } from '../lab/lab.ts'
import { initOf } from '../lab/machine.ts'
import { CleanUp } from '../helpers/clean-up.ts'
import { insideNamespace, namespaceConnection } from './namespace.ts'
import type { Place } from './place.ts'
import { bringPrograms, brought } from './programs.ts'

/**
 * A lab host: Debian with systemd, and with dnf in place of apt where that is asked for. Skips the test where there can
 * be none.
 */
export async function debianPlace(name: 'debian' | 'dnf' = 'debian'): Promise<Place & { readonly host: LabHost }> {
  await using stack = new CleanUp()
  const lab = stack.use(await labHosts(1, { packages: name === 'dnf' ? 'dnf' : 'apt' }))
  const host = lab.hosts[0] as LabHost
  const init = await initOf(Number(await readFile(join(host.folder, 'pid'), 'utf8')))
  if (init === undefined) throw new Error('the lab host is down')
  const inside = (script: string) => insideNamespace(init, script)
  bringPrograms(join(host.folder, 'root'), brought)
  await settled(inside)
  const owned = stack.move()
  return {
    name,
    host,
    files: join(host.folder, 'upper'),
    bases: [...(name === 'dnf' ? ['dnf'] : []), 'base'].map((layer) => join(labFolder(), layer)),
    tree: join(host.folder, 'root'),
    inside,
    connect: (options) => namespaceConnection(init, options),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

/** What the host does of itself after its start, and later by its timers, would be taken for ours. */
async function settled(inside: (script: string) => Promise<string>): Promise<void> {
  await inside(`systemctl stop '*.timer' 2>/dev/null; systemctl is-system-running --wait >/dev/null 2>&1
mkdir -p /var/tmp/t && rmdir /var/tmp/t
if command -v rpm >/dev/null;then rpm --initdb;fi`)
}
