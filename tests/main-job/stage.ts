import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CleanUp } from '../helpers/clean-up.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { type Lab, labHosts } from '../lab/lab.ts'

/** Five SSH servers of this machine, three machines of the lab, and an inventory of them all. */
export interface Stage extends AsyncDisposable {
  readonly rig: SshdRig
  readonly lab: Lab
  /** Where the command line is started, with hosts.yaml in it. */
  readonly folder: string
  /** HOME of the command line: keys and known hosts. */
  readonly home: string
  readonly site: string
  readonly hosts: readonly string[]
}

const tool = '#!/bin/sh\necho tool\n'

export async function stage(): Promise<Stage> {
  await using stack = new CleanUp()
  // First, since the test is skipped where there can be no lab.
  const lab = stack.use(await labHosts(3))
  const rig = stack.use(await sshdRig({ hosts: 5 }))
  const files = stack.use(await temporaryFolder())
  const server = createServer((_, response) => response.end(tool)).listen(0)
  await once(server, 'listening')
  stack.defer(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo

  const home = join(files.path, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  const known = [...rig.targets, ...lab.targets].flatMap((target) => target.knownHosts ?? [])
  await writeFile(join(home, '.ssh/known_hosts'), `${known.join('\n')}\n`)
  await writeFile(join(files.path, 'hosts.yaml'), inventory(rig, lab, port))
  const cleanUp = stack.move()
  return {
    rig,
    lab,
    folder: files.path,
    home,
    site: fileURLToPath(new URL('site.ts', import.meta.url)),
    hosts: [...rig.hosts, ...lab.hosts].map(({ name }) => name),
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

/** Hosts of the rig share this machine's files: each gets a folder of its own. */
function inventory(rig: SshdRig, lab: Lab, port: number): string {
  const own = rig.hosts.map(
    ({ name, address, port: ssh }) =>
      `        ${name}: { ansible_host: ${address}, ansible_port: ${ssh}, folder: ${rig.folder}/${name}/job, connection: { lock: ${rig.folder}/${name} } }`,
  )
  const machines = lab.hosts.map(({ name, address }) => `        ${name}: { ansible_host: ${address} }`)
  return `all:
  vars:
    sha256: ${createHash('sha256').update(tool).digest('hex')}
  children:
    rig:
      hosts:
${own.join('\n')}
      vars:
        ansible_user: ${rig.user}
        ansible_ssh_private_key_file: ${rig.keyFile}
        url: http://127.0.0.1:${port}/tool
    lab:
      hosts:
${machines.join('\n')}
      vars:
        ansible_user: ${lab.user}
        ansible_ssh_private_key_file: ${lab.keyFile}
        url: http://10.67.0.1:${port}/tool
        folder: /srv/job
`
}
