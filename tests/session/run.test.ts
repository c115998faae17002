import { setTimeout as sleep } from 'node:timers/promises'
import { openSession, type SessionOptions } from '../../runner/session/open.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Session } from '../../runner/session/session.ts'
import { localConnection, shells, type LocalConnection } from '../helpers/local-connection.ts'
import { eventually, running, uniqueSeconds } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const everyByte = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256))

for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
  suite(
    `a session in ${shell}`,
    (test) => {
      const scene = (
        title: string,
        body: (session: Session, connection: LocalConnection) => Promise<void>,
        options: SessionOptions = {},
      ) =>
        test(title, async () => {
          await using connection = await localConnection({ shell })
          const session = await openSession(connection, options)
          await body(session, connection)
          await session.close()
        })

      scene('gives both streams apart and exact, and the exit code', async (session) => {
        const result = await session.run({ script: `printf 'no newline'; printf 'error\\n\\n' >&2; exit 3` })
        assert.equal([result.code, String(result.stdout), String(result.stderr)], [3, 'no newline', 'error\n\n'])
      })

      scene('passes any byte through input and output', async (session) => {
        const result = await session.run({ script: 'cat; cat >&2', stdin: everyByte })
        assert.ok(result.stdout.equals(everyByte))
        assert.is(result.stderr.length, 0)
      })

      scene('keeps quotes, backslashes, newlines and other alphabets of a script as they are', async (session) => {
        const text = `a'b"c\\d\\n\n$e \`f\` %s é 雪\t!`
        const result = await session.run({ script: `cat <<'END'\n${text}\nEND\n` })
        assert.is(String(result.stdout), `${text}\n`)
      })

      scene('keeps nothing of a command for the next one', async (session) => {
        await session.run({ script: 'cd /; umask 0; x=1; export x; exec >/dev/null; set -e; trap "" TERM; false' })
        const result = await session.run({ script: 'echo "$x"; umask | tail -c 4; read line || echo no input' })
        assert.is(String(result.stdout), '\n022\nno input\n')
      })

      scene('sends commands that are given together in one round trip, and runs them in order', async (session) => {
        const results = await Promise.all([1, 2, 3].map((n) => session.run({ script: `echo ${n}; exit ${n}` })))
        assert.equal(
          results.map(({ code, stdout }) => [code, String(stdout)]),
          [
            [1, '1\n'],
            [2, '2\n'],
            [3, '3\n'],
          ],
        )
        assert.is(session.roundTrips, 1)
      })

      scene('ends what takes too long, with all that it started, and goes on', async (session) => {
        const seconds = uniqueSeconds()
        const slow = session.run({ script: `sleep ${seconds} & sleep ${seconds}`, timeoutMs: 100 })
        const next = session.run({ script: 'echo next' })
        const result = await slow
        assert.equal([result.code, result.timedOut, result.aborted], [143, true, false])
        assert.is(await running('sleep', seconds), 0)
        assert.is(String((await next).stdout), 'next\n')
      })

      scene('kills what does not heed TERM two seconds later', async (session) => {
        const seconds = uniqueSeconds()
        const begin = Date.now()
        const result = await session.run({ script: `trap '' TERM; sleep ${seconds}; sleep ${seconds}`, timeoutMs: 50 })
        assert.is(result.code, 137)
        assert.ok(Date.now() - begin > 1900)
        assert.is(await running('sleep', seconds), 0)
      })

      scene('ends an aborted command, and never begins one that was aborted while it waited', async (session) => {
        const stop = new AbortController()
        const seconds = uniqueSeconds()
        const runs = session.run({ script: `echo begun; sleep ${seconds}`, signal: stop.signal })
        assert.ok(await eventually(async () => (await running('sleep', seconds)) === 1))
        const waits = session.run({ script: 'echo never', signal: stop.signal })
        stop.abort()
        const [first, second] = await Promise.all([runs, waits])
        assert.equal([first.code, first.aborted, String(first.stdout)], [143, true, 'begun\n'])
        assert.equal([second.code, second.aborted, String(second.stdout)], [143, true, ''])
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
      })

      scene('reports how a command ended that killed its own group, or has no program', async (session) => {
        assert.is((await session.run({ script: 'kill -9 0' })).code, 137)
        assert.is((await session.run({ script: 'kill -9 $$' })).code, 137)
        assert.is((await session.run({ script: 'exec /no/such/program' })).code, 127)
      })

      scene(
        'is over, with an error that says so, for a command that killed what runs it',
        async (session) => {
          const refusal = await session.run({ script: 'echo begun; kill -9 $PPID; sleep 0.2' }).then(
            () => undefined,
            (error: unknown) => error,
          )
          assert.instance(refusal, TsplayError)
          assert.match((refusal as TsplayError).message, 'the shell that ran a command was killed on the host')
          assert.ok((await session.closed) instanceof Error)
        },
        { leaseSeconds: 3 },
      )

      scene('is over for all of several commands of which one killed what runs it', async (session) => {
        const scripts = ['echo 1', 'kill -9 $PPID; sleep 0.2', 'echo 3']
        const ends = await Promise.allSettled(scripts.map((script) => session.run({ script })))
        assert.equal(
          ends.map(({ status }) => status),
          ['fulfilled', 'rejected', 'rejected'],
        )
      })

      scene('does not wait for a daemon, and takes its late output for noise', async (session) => {
        await using folder = await temporaryFolder()
        const go = `${folder.path}/go`
        const daemon = `(i=0; until [ -e ${go} ] || [ "$i" = 600 ]; do i=$((i+1)); sleep 0.1; done; echo late) &`
        const result = await session.run({ script: `${daemon} echo at once` })
        assert.is(String(result.stdout), 'at once\n')
        assert.not.ok(session.noise.includes('late'))
        await folder.write('go', '')
        assert.ok(await eventually(() => session.noise.includes('late'), 20_000))
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
      })

      scene('shows output as it comes, a finished line included', async (session) => {
        await using folder = await temporaryFolder()
        const seen: [string, string][] = []
        const text = () => seen.map(([, shown]) => shown).join('')
        const until = (name: string) =>
          `i=0; until [ -e ${folder.path}/${name} ] || [ "$i" = 600 ]; do i=$((i+1)); sleep 0.1; done`
        const done = session.run({
          script: `echo one; ${until('a')}; printf two; ${until('b')}; echo three >&2`,
          onOutput: (stream, chunk) => void seen.push([stream, String(chunk)]),
        })
        // Each part is seen while the command still runs: it goes on only when it is told to.
        assert.ok(await eventually(() => text() === 'one\n', 20_000))
        await folder.write('a', '')
        assert.ok(await eventually(() => text() === 'one\ntwo', 20_000))
        await folder.write('b', '')
        assert.is(String((await done).stdout), 'one\ntwo')
        const errors = seen.filter(([stream]) => stream === 'stderr').map(([, shown]) => shown)
        assert.is(errors.join(''), 'three\n')
        assert.is(text(), 'one\ntwothree\n')
      })

      scene(
        'tells that the connection was lost, to what runs and to what waits, and leaves no process',
        async (session, connection) => {
          const seconds = uniqueSeconds()
          const lost = [1, 2].map(() =>
            session.run({ script: `sleep ${seconds}` }).then(
              () => 'a result',
              (error: { code: string }) => error.code,
            ),
          )
          assert.ok(await eventually(async () => (await running('sleep', seconds)) === 1))
          connection.cut()
          assert.equal(await Promise.all(lost), ['LOST', 'LOST'])
          assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0))
          assert.ok((await session.closed) instanceof Error)
        },
      )

      scene(
        'ends the command of a session that nobody prolongs, behind a link that is frozen',
        async (_, connection) => {
          const session = await openSession(connection, { leaseSeconds: 1 })
          const seconds = uniqueSeconds()
          const lost = session.run({ script: `sleep ${seconds}` }).catch(() => {})
          assert.ok(await eventually(async () => (await running('sleep', seconds)) === 1))
          await sleep(1200)
          assert.is(await running('sleep', seconds), 1)
          connection.freeze()
          assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0, 9000))
          connection.cut()
          await lost
        },
      )
    },
    12_000,
  )
}
