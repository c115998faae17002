import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { found } from './forms.ts'
import { secrets, site, varsOfSecrets } from './playbook.ts'
import { watchProcesses } from './process-watch.ts'
import { textsBelow } from './texts-below.ts'

suite(
  'what a run leaves behind',
  (test) => {
    for (const output of ['lines', 'json'] as const) {
      test(`holds no secret, old or new, in any form, with the output ${output} and all that it can show`, async () => {
        await using made = await temporaryFolder({
          'site.ts': site,
          'hosts.yaml': `all:\n  vars:\n${varsOfSecrets}`,
          'secrets/command': secrets.command,
          'secrets/token': secrets.token,
        })
        const run = async (password: string, ...more: readonly string[]) => {
          await made.write('secrets/password', password)
          return tsplay(
            [
              'run',
              'site.ts',
              '-i',
              'sandbox:1',
              '-i',
              'hosts.yaml',
              '--no-type-check',
              '--diff',
              '-vv',
              '--output',
              output,
              ...more,
            ],
            { cwd: made.path, home: made.path, env: { APP_ENV: secrets.env } },
          )
        }
        const watch = watchProcesses()
        const ends = [await run(secrets.old), await run(secrets.fresh, '--check'), await run(secrets.fresh)]
        const processes = await watch.stop()
        for (const { code, stdout, stderr } of ends) assert.is(code, 0, stdout + stderr)
        const records = await textsBelow(join(made.path, '.tsplay'))
        assert.ok(records.size >= 3, 'there is a journal of each run')
        assert.ok(
          processes.some((text) => text.includes('sleep')),
          'the processes of hosts are among those seen',
        )
        const places = new Map([
          ...ends.flatMap(({ stdout, stderr }, i): [string, string][] => [
            [`stdout of run ${i}`, stdout],
            [`stderr of run ${i}`, stderr],
          ]),
          ...records,
        ])
        assert.equal(found(Object.values(secrets), places), [])
        // One that is taken from the environment is in the environment: of tsplay, and of what it starts on its own side.
        const { env: _, ...others } = secrets
        const seen = new Map(processes.map((text, i) => [`process ${i}: ${text.slice(0, 60)}`, text]))
        assert.equal(found(Object.values(others), seen), [])
        // On the hosts they are where they were put, and nowhere else.
        const kept = await textsBelow(join(made.path, '.cache'))
        const holding = found(Object.values(secrets), kept).map(
          (place) => /\/etc\/[\w.]+(?=:)/.exec(place)?.[0] ?? place,
        )
        assert.equal([...new Set(holding)].toSorted(), ['/etc/app.conf', '/etc/lines', '/etc/token'])
        assert.equal(found([secrets.old], kept), [])
      })
    }

    test('this test sees a secret in each of its forms', () => {
      const text = 'a "b" & é'
      const coded = Buffer.from(`xx${text}yy`).toString('base64')
      for (const form of [
        text,
        coded,
        encodeURIComponent(text),
        JSON.stringify(text),
        Buffer.from(text).toString('hex'),
      ])
        assert.ok(found([text], new Map([['place', `before ${form} after`]])).length > 0, form)
    })
  },
  180_000,
)
