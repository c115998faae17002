import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'

const hosts = `all:
  vars:
    from_env: !env DEMO_SECRET
    from_command: !command echo called >> calls; echo from-the-command
web:
  hosts: { sandbox1: , sandbox2: }
db:
  hosts:
    sandbox3: { from_env: !env NOT_SET_ANYWHERE, broken: !command echo no >&2; exit 3 }
`

/** Writes both secrets into a file. */
const siteThatWrites = `import { playbook, secret } from 'tsplay'
import { file } from 'tsplay/tasks'
const site = playbook('site')
site.play('Write', { hosts: 'all', become: true }, async (host) => {
  const { from_env, from_command } = host.vars
  await host.ensure(file({ path: '/etc/app', content: secret\`\${from_env} \${from_command}\\n\` }))
})
export default site
`

suite(
  'secrets from elsewhere',
  (test) => {
    test('are got once, for the hosts of the run alone, and reach the body as Secrets', async () => {
      await using made = await temporaryFolder({ 'hosts.yaml': hosts, 'site.ts': siteThatWrites })
      const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
        tsplay(['run', 'site.ts', '-i', 'sandbox:3', '-i', 'hosts.yaml', '--no-type-check', ...args], {
          cwd: made.path,
          home: made.path,
          env,
        })
      const fine = await run({ DEMO_SECRET: 'from-the-environment' }, '--limit', 'web')
      assert.is(fine.code, 0, fine.stdout + fine.stderr)
      const seen = await tsplay(['exec', 'all', '-i', 'sandbox:3', '--', 'cat /etc/app || true'], {
        cwd: made.path,
        home: made.path,
      })
      assert.match(seen.stdout, /sandbox1 sandbox2 \(2 hosts\)\n {2}from-the-environment from-the-command\n/)
      assert.is(await readFile(join(made.path, 'calls'), 'utf8'), 'called\n')
      assert.not.match(fine.stdout + fine.stderr, /from-the-(?:environment|command)/)
    })

    test('that can not be got are all told before the first connection', async () => {
      await using made = await temporaryFolder({ 'hosts.yaml': hosts, 'site.ts': siteThatWrites })
      const ended = await tsplay(['run', 'site.ts', '-i', 'sandbox:3', '-i', 'hosts.yaml', '--no-type-check'], {
        cwd: made.path,
        home: made.path,
      })
      assert.is(ended.code, 2)
      assert.match(
        ended.stderr,
        /hosts\.yaml:3:\d+: from_env: the value can not be got: the environment variable DEMO_SECRET is not set/,
      )
      assert.match(ended.stderr, /hosts\.yaml:9:\d+: from_env: .*NOT_SET_ANYWHERE is not set/)
      assert.match(ended.stderr, /hosts\.yaml:9:\d+: broken: .*ended with code 3:\s+no/)
      assert.not.match(ended.stdout, /PLAY/)
    })

    test('are not got for commands that read no variables, nor for a look at the inventory', async () => {
      await using made = await temporaryFolder({ 'hosts.yaml': hosts, 'site.ts': siteThatWrites })
      const at = { cwd: made.path, home: made.path }
      const executed = await tsplay(['exec', 'web', '-i', 'sandbox:2', '-i', 'hosts.yaml', '--', 'echo', 'hello'], at)
      assert.is(executed.code, 0, executed.stdout + executed.stderr)
      const listed = await tsplay(['inventory', 'host', 'sandbox1', '-i', 'hosts.yaml'], at)
      assert.equal(JSON.parse(listed.stdout), {
        from_command: '<secret>',
        from_env: '<secret>',
      })
      const checked = await tsplay(['inventory', 'check', 'site.ts', '-i', 'hosts.yaml'], at)
      assert.is(checked.code, 0, checked.stdout + checked.stderr)
      assert.is(await readFile(join(made.path, 'calls'), 'utf8').catch(() => 'not called'), 'not called')
    })
  },
  120_000,
)
