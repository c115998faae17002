import { setTimeout as sleep } from 'node:timers/promises'
import { openSession } from '../../runner/session/open.ts'
import { localConnection, shells } from '../helpers/local-connection.ts'
import { eventually, running, uniqueSeconds } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'

for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
  suite(
    `under stress, a session in ${shell}`,
    (test) => {
      test('gives every killed command its result, at whatever moment it is killed, and hits no other', async () => {
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        const seconds = uniqueSeconds()
        for (let i = 0; i < 40; i++) {
          const stop = new AbortController()
          const killed = session.run({
            script: `echo a; ${i % 5 === 0 ? '' : 'exec '}sleep ${seconds}`,
            signal: stop.signal,
            stdin: Buffer.from('input'),
          })
          const next = session.run({ script: 'cat; exit 5', stdin: Buffer.from(`next ${i}`) })
          await sleep((i * 7) % 13)
          stop.abort()
          const [first, second] = await Promise.all([killed, next])
          assert.equal([first.code, first.aborted], [143, true])
          assert.equal([second.code, String(second.stdout), String(second.stderr)], [5, `next ${i}`, ''])
        }
        await session.close()
        assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0))
      })

      test('keeps no more of 100 MB of output than was asked, and goes on', async () => {
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        let seen = 0
        const { code, stdout, truncated } = await session.run({
          script: 'head -c 100000000 /dev/zero',
          maxOutputBytes: 1000,
          onOutput: (_, chunk) => void (seen += chunk.length),
        })
        assert.equal([code, stdout.length, truncated, seen], [0, 1000, true, 100_000_000])
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
        await session.close()
      })

      test('lets a waiting command be killed while the one before it runs on', async () => {
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        const stop = new AbortController()
        const first = session.run({ script: 'sleep 0.3; echo whole' })
        const second = session.run({ script: 'echo begun; sleep 1000', signal: stop.signal })
        await sleep(100)
        stop.abort()
        assert.is(String((await first).stdout), 'whole\n')
        assert.is((await second).code, 143)
        await session.close()
      })
    },
    20_000,
  )
}
