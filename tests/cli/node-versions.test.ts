import { execFile } from 'node:child_process'
import { mkdir, readdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { otherNode } from '../helpers/other-node.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Below a CommonJS package.json and without a tsconfig, with all that a playbook's author may write. */
const project = {
  'package.json': '{ "name": "mine", "version": "1.0.0", "type": "commonjs" }',
  'text.ts': 'export interface Text { readonly text: string }\nexport const text: Text = { text: "as it is\\n" }',
  'paths.ts': 'export enum Path { Motd = "/etc/motd" }',
  'mode.js': 'exports.mode = "0644"',
  'data.json': '{ "folder": "/srv/app" }',
  'site.ts': `
    import { playbook } from 'tsplay'
    import { directory, file } from 'tsplay/tasks'
    import * as v from 'valibot'
    import { text, type Text } from './text.js'
    import { Path } from './paths.ts'
    import { mode } from './mode.js'
    import data from './data.json' with { type: 'json' }

    const later: Text = await Promise.resolve(text)
    const site = playbook('site', { vars: v.object({ greeting: v.optional(v.string(), 'hello') }) })
    site.play('Write', { hosts: 'all', become: true }, async (host) => {
      await host.ensure(directory({ path: data.folder }))
      await host.ensure(file({ path: Path.Motd, content: host.vars.greeting + ' ' + later.text, mode }))
      const read = await host.read\`cat \${Path.Motd}\`.text()
      host.log(\`\${process.version} read \${read}\`)
    })
    export default site
  `,
}

suite(
  'other releases of Node',
  (test) => {
    for (const major of [22, 24]) {
      test(`run a playbook as it is: Node ${major}`, async () => {
        const node = await otherNode(major)
        await using folder = await temporaryFolder(project)
        await mkdir(join(folder.path, 'node_modules'))
        for (const name of ['valibot', 'typescript', '@types']) {
          await symlink(join(root, 'node_modules', name), join(folder.path, 'node_modules', name))
        }
        await symlink(root, join(folder.path, 'node_modules/tsplay'))
        const env = { PATH: process.env['PATH'], HOME: folder.path, NO_COLOR: '1' }
        const tsplay = (...args: readonly string[]) =>
          run(node, [join(root, 'dist/runner/cli/main.js'), ...args, '--output', 'lines'], { cwd: folder.path, env })

        const { stdout: planned } = await tsplay('plan', 'site.ts', '-i', 'sandbox:2')
        assert.match(planned, 'would change file /etc/motd')
        const { stdout: made, stderr } = await tsplay('run', 'site.ts', '-i', 'sandbox:2', '-e', 'greeting=hi')
        assert.match(made, new RegExp(`sandbox2: v${major}\\.[0-9.]+ read hi as it is`))
        assert.match(made, /ok: 2 hosts, 2 changed/)
        // Node's own warnings (experimental, deprecated) are nothing that a playbook's author can mend.
        assert.not.match(stderr, /Warning/)
        // What Node compiled of the program is there for the next start, and nobody else can put anything in its place.
        const kept = join(folder.path, '.cache/tsplay/compiled')
        assert.is((await stat(kept)).mode & 0o777, 0o700)
        assert.ok((await readdir(kept)).length > 0)

        await folder.write('text.ts', 'export const text: = 5')
        const broken = run(node, [join(root, 'dist/runner/cli/main.js'), 'list', 'plays', 'site.ts'], {
          cwd: folder.path,
          env,
        })
        const { stderr: told } = await broken.catch((error: { readonly stderr: string }) => error)
        assert.match(told, /Unexpected "=".*\n +1 \| export const text: = 5/)
        assert.match(told, /text\.ts:1:20/)
      })
    }
  },
  180_000,
)
