import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ansibleCommand } from './ansible.ts'
import type { Place } from './place.ts'

/** Something that does the 30 operations on all hosts of a place, as one process. */
export interface Contestant {
  readonly name: string
  /** Its command for a place; files that it needs are written into the place's folder. */
  command(place: Place): Promise<readonly string[]>
  /** How many changes its output tells of, on all hosts together; `undefined` when it does not say, or failed. */
  changes(output: string): number | undefined
}

const own = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One hand-written script per host over plain ssh2; `program` is floor.ts as JavaScript. */
export const floor = (program: string): Contestant => ({
  name: 'floor',
  async command(place) {
    const file = join(place.folder, 'floor.json')
    const hosts = place.hosts.map((host) => ({ ...host, root: place.rootOf('floor', host.name) }))
    await writeFile(file, JSON.stringify(hosts))
    return [process.execPath, program, file]
  },
  changes(output) {
    const count = /^changed=(\d+)$/m.exec(output)?.[1]
    return count === undefined ? undefined : Number(count)
  },
})

/** The command line of the built package, started as anybody starts it. */
export const tsplay = (name: string, playbook: string): Contestant => ({
  name,
  async command(place) {
    const file = join(place.folder, `${name.replaceAll(/\W+/g, '-')}.yaml`)
    const hosts = place.hosts.map(
      (host) =>
        `    ${host.name}: { ansible_host: ${host.address}, ansible_port: ${host.port}, ansible_user: ${host.user}, ansible_timeout: 120, connection: { lock: ${host.lock} }, bench_root: ${place.rootOf(name, host.name)} }`,
    )
    await writeFile(file, `all:\n  hosts:\n${hosts.join('\n')}\n`)
    const forks = String(Math.max(50, place.hosts.length))
    return [process.execPath, own('../dist/runner/cli/main.js'), 'run', own(playbook), '-i', file, '--forks', forks]
  },
  changes: recapChanges,
})

/** With pipelining and a fork for each host. */
export const ansible: Contestant = {
  name: 'ansible',
  command: (place) => ansibleCommand(place, (host) => place.rootOf('ansible', host)),
  changes: recapChanges,
}

/** Both recaps have lines `HOSTS : … changed=N …`; tsplay's may be for several hosts: `h1, h2 and 38 more (40 hosts)`. */
function recapChanges(output: string): number | undefined {
  const lines = [...output.matchAll(/^(.*?)\s*: ok=\d+\s+changed=(\d+)/gm)]
  if (lines.length === 0) return undefined
  return lines.reduce((sum, [, who = '', changed]) => {
    const hosts = /\((\d+) hosts\)$/.exec(who)?.[1] ?? who.split(', ').length
    return sum + Number(hosts) * Number(changed)
  }, 0)
}
