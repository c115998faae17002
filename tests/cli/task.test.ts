import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'

const tasks = `import { task } from 'tsplay'
import { file } from 'tsplay/tasks'
import * as v from 'valibot'
const schema = v.strictObject({ name: v.string(), version: v.number() })
export const deploy = task(
  'deploy',
  async (host, options: v.InferOutput<typeof schema>) => {
    await host.ensure(file({ path: '/etc/' + options.name, content: 'version ' + options.version + '\\n' }))
  },
  { schema },
)
export const untyped = task('untyped', async () => {})
export const plain = 5
export const loose = task('loose', async () => {}, { schema: v.object({ size: v.optional(v.number(), 1) }) })
`.replace("import * as v from 'valibot'", `import * as v from '${import.meta.resolve('valibot')}'`)

const files = {
  'tasks.ts': tasks,
  'hosts.yaml': 'all: { vars: { ansible_connection: local }, hosts: { h1: , h2: } }\n',
}

suite(
  'tsplay task',
  (test) => {
    test('runs a task with options of the command line on the hosts of a pattern, and predicts with --check', async () => {
      await using made = await temporaryFolder(files)
      const run = (...args: readonly string[]) =>
        tsplay(
          ['task', 'deploy', 'version=3', 'name=app', '--from', 'tasks.ts', '-i', 'sandbox:2', '--become', ...args],
          {
            cwd: made.path,
            home: made.path,
          },
        )
      const checked = await run('--hosts', 'sandbox1', '--check', '--diff')
      assert.is(checked.code, 0, checked.stdout + checked.stderr)
      assert.match(checked.stdout, /deploy > file \/etc\/app/)
      assert.match(checked.stdout, /\+version 3/)
      assert.match(checked.stdout, /would change/)
      const ran = await run('--hosts', 'sandbox1')
      assert.is(ran.code, 0, ran.stdout + ran.stderr)
      const seen = await tsplay(['exec', 'all', '-i', 'sandbox:2', '--', 'cat /etc/app || true'], {
        cwd: made.path,
        home: made.path,
      })
      assert.match(seen.stdout, /sandbox1\n {2}version 3\n/)
      assert.match(seen.stdout, /sandbox2\n {2}stderr: .*No such file/)
    })

    test('refuses wrong options, tasks without a schema, and what is no task, before anything is connected to', async () => {
      await using made = await temporaryFolder(files)
      const refused = async (...args: readonly string[]) => {
        const ended = await tsplay(['task', ...args, '-i', 'hosts.yaml'], { cwd: made.path, home: made.path })
        assert.is(ended.code, 2, ended.stdout + ended.stderr)
        return ended.stderr
      }
      assert.match(
        await refused('deploy', 'version=three', 'name=x', '--from', 'tasks.ts'),
        /deploy: version: Invalid type: Expected number but received "three"/,
      )
      assert.match(await refused('deploy', 'versoin=3', '--from', 'tasks.ts'), /versoin/)
      assert.match(await refused('loose', 'size=1', 'siez=2', '--from', 'tasks.ts'), /loose: there is no option siez/)
      assert.match(await refused('untyped', '--from', 'tasks.ts'), /the task "untyped" has no schema/)
      assert.match(await refused('plain', '--from', 'tasks.ts'), /"plain" in tasks\.ts is no task/)
      assert.match(await refused('deplyo', '--from', 'tasks.ts'), /Did you mean deploy\?/)
      assert.match(await refused('prepare-node'), /the task "prepare-node" has no schema/)
    })
  },
  120_000,
)
