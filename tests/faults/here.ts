import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay, type TsplayEnd } from '../helpers/tsplay.ts'

export interface Here extends AsyncDisposable {
  readonly folder: TemporaryFolder
  /** Runs a playbook, given as what stands between its first and its last line. */
  run(plays: string, ...args: readonly string[]): Promise<TsplayEnd>
}

const hosts = `all:
  vars: { ansible_connection: local, answer: 42 }
  children:
    web:
      hosts:
        web1:
        web2:
        web3:
`

/** A playbook around some plays. `folder` is where it lies, for what is to be written on the hosts. */
export const playbookText = (plays: string, folder: string): string => `import { playbook, task } from 'tsplay'
import { directory, file } from 'tsplay/tasks'
${plays.includes('v.object') ? `import * as v from 'valibot'` : ''}
const site = playbook('site')
const folder = ${JSON.stringify(folder)}
${plays}
export default site
void [task, directory, file, folder]
`

/** The line of a playbook's text on which its plays begin. */
export const firstLine = 6

/** The command line over three hosts that are this machine itself. */
export async function here(files: Readonly<Record<string, string>> = {}): Promise<Here> {
  const folder = await temporaryFolder({ 'hosts.yaml': hosts, 'package.json': '{"type":"module"}', ...files })
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder.path, 'node_modules'))
  return {
    folder,
    async run(plays, ...args) {
      const file = await folder.write('site.ts', playbookText(plays, folder.path))
      return tsplay(['run', file, ...args], { cwd: folder.path, home: folder.path })
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
