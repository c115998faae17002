import { join } from 'node:path'
import type { Event } from '../../runner/engine/events.ts'
import { commandLine } from '../cli/command-line.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const hosts = 'all:\n  hosts:\n    a: { ansible_connection: local }\n    b: { ansible_connection: local }\n'
const site = (folder: string) => `
import { playbook } from 'tsplay'
import { file } from 'tsplay/tasks'
const site = playbook('site')
site.play('First', { hosts: 'all', serial: 1 }, async (host) => {
  if (host.name === 'b') return
  const { stdout } = await host.command({ creates: '${folder}/made' })\`echo 1 | tee ${folder}/made\`
  if (stdout.includes('1')) await host.ensure(file({ path: '${folder}/more', content: 'x' }))
})
site.play('Second', { hosts: 'all' }, async (host) => {
  await host.ensure(file({ path: '${folder}/' + host.name, content: 'x' }))
})
export default site
`

suite(
  'the end of a prediction',
  (test) => {
    test('is no failure: later plays are still predicted there, as a may that says why', async () => {
      await using folder = await temporaryFolder({ 'hosts.yaml': hosts })
      const file = await folder.write('site.ts', site(folder.path))
      const plan = await commandLine(['plan', file, '--no-type-check', '--output', 'json'], folder.path)
      assert.is(plan.code, 0, plan.stderr)
      const events = plan.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Event)
      const second = events.flatMap((event) =>
        event.type === 'operation-finished' && event.play === 'Second' ? [event] : [],
      )
      const on = (host: string) => second.find((event) => event.host === host)
      assert.is(on('a')?.status, 'may')
      assert.match(on('a')?.reason ?? '', 'the prediction of "First" ended before')
      assert.is(on('b')?.status, 'changed')
      const run = await commandLine(['run', file, '--no-type-check'], folder.path)
      assert.is(run.code, 0, run.stderr)
      assert.is(
        (await commandLine(['plan', join(folder.path, 'site.ts'), '--no-type-check', '--exit-code'], folder.path)).code,
        0,
      )
    })
  },
  20_000,
)
