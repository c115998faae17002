import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { labHosts } from '../lab/lab.ts'
import { playbookText } from './here.ts'
import { ends } from './scene.ts'

suite(
  'two runs on one host',
  (test) => {
    test('do not change it at the same time, whoever they log in as; a look is free, and a killed controller lets go', async () => {
      await using lab = await labHosts(1)
      await using folder = await temporaryFolder({ 'hosts.yaml': lab.inventoryYaml() })
      const play = (become: boolean, body: string) =>
        playbookText(`site.play('One', { hosts: 'lab', become: ${become} }, async (host) => {\n${body}\n})`, '/tmp')
      await folder.write('long.ts', play(true, 'await host.command({ everyTime: true })`echo in; sleep 600`'))
      await folder.write(
        'short.ts',
        play(false, "await host.ensure(file({ path: '/tmp/made', content: host.user ?? '' }))"),
      )
      const run = ([command = '', ...args]: readonly string[], onEvent?: Parameters<typeof tsplay>[1]['onEvent']) =>
        tsplay([command, '-i', 'hosts.yaml', '--output', 'json', ...args], {
          cwd: folder.path,
          home: lab.clientHome,
          ...(onEvent === undefined ? {} : { onEvent }),
        })
      let others: Promise<void> | undefined
      const first = await run(['run', '--no-type-check', 'long.ts'], (event, child) => {
        if (event.type !== 'output' || event.line !== 'in') return
        others = (async () => {
          const second = await run(['run', '--no-type-check', '--wait-lock', '0', 'short.ts'])
          assert.is(second.code, 1)
          assert.match(
            ends(second)['lab1'] ?? '',
            /LOCKED \| lab1 is locked: \S+@\S+ changes this host since \S+ \(run \S+\)/,
          )
          assert.is((await run(['plan', '--no-type-check', 'short.ts'])).code, 0)
          assert.is((await run(['exec', 'all', '--', 'uptime'])).code, 0)
          child.kill('SIGKILL')
        })()
      })
      await others
      assert.is(first.signal, 'SIGKILL')
      const third = await run(['run', '--no-type-check', 'short.ts'])
      assert.is(third.code, 0, JSON.stringify(ends(third)))
    })
  },
  400_000,
)
