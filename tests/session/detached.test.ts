import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { awaitDetachedScript, detachedScript, stillRuns } from '../../runner/session/detached.ts'
import { openSession } from '../../runner/session/open.ts'
import type { Session } from '../../runner/session/session.ts'
import { localConnection, shells, type LocalConnection } from '../helpers/local-connection.ts'
import { eventually, running } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const root = process.getuid?.() === 0

for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
  suite(
    `a detached step in ${shell}`,
    (test) => {
      let count = 0
      const scene = (
        title: string,
        body: (id: string, open: () => Promise<[Session, LocalConnection]>, folder: string) => Promise<void>,
      ) =>
        test(title, async () => {
          await using folder = await temporaryFolder()
          await using connection = await localConnection({ shell })
          await using again = await localConnection({ shell })
          const connections = [connection, again]
          const open = async (): Promise<[Session, LocalConnection]> => {
            const next = connections.shift() ?? again
            return [await openSession(next), next]
          }
          await body(`test-${process.pid}-${shell}-${(count += 1)}`, open, folder.path)
        })

      scene('gives output, input and code like any other, and leaves no record', async (id, open) => {
        const [session] = await open()
        const script = detachedScript({
          id,
          script: 'echo out; cat; echo err >&2; exit 4',
          limitSeconds: 10,
          hasStdin: true,
        })
        const { code, stdout, stderr } = await session.run({
          script: `${script}\necho after $?`,
          stdin: Buffer.from('in\0put'),
        })
        assert.equal([code, String(stdout), String(stderr)], [0, 'out\nin\0putafter 4\n', 'err\n'])
        await session.close()
        const [later] = await open()
        assert.not.ok(later.pending.includes(id))
        await later.close()
      })

      scene('keeps folder, umask and environment of where it was asked', async (id, open, folder) => {
        const [session] = await open()
        const step = detachedScript({
          id,
          script: 'pwd; echo $colour; : >made; stat -c %a made',
          limitSeconds: 10,
          hasStdin: false,
        })
        const { stdout } = await session.run({ script: `cd ${folder}; umask 027; export colour=blue; ${step}` })
        assert.is(String(stdout), `${folder}\nblue\n640\n`)
        await session.close()
      })

      scene('outlives the link, and is awaited, not begun again, by the next run', async (id, open, folder) => {
        const step = detachedScript({
          id,
          script: `echo x >>${folder}/begun; sleep 1; echo done; exit 7`,
          limitSeconds: 20,
          hasStdin: false,
        })
        const [first, link] = await open()
        const lost = first.run({ script: step }).catch((error: { code: string }) => error.code)
        assert.ok(await eventually(() => existsSync(`${folder}/begun`)))
        link.cut()
        assert.is(await lost, 'LOST')
        const [second] = await open()
        assert.ok(second.pending.includes(id))
        const { code, stdout } = await second.run({ script: step })
        assert.equal([code, String(stdout), statSync(`${folder}/begun`).size], [7, 'done\n', 2])
        await second.close()
      })

      scene('that ended meanwhile has its result taken, once', async (id, open, folder) => {
        const step = detachedScript({
          id,
          script: `echo begun; : >${folder}/begun; until [ -e ${folder}/go ]; do sleep 0.05; done; echo done; : >${folder}/ended; exit 7`,
          limitSeconds: 20,
          hasStdin: false,
        })
        const [first, link] = await open()
        const lost = first.run({ script: step }).catch(() => {})
        assert.ok(await eventually(() => existsSync(`${folder}/begun`)))
        link.cut()
        await lost
        // A shell that has not noticed yet that its link was cut would take the result.
        assert.ok(await eventually(() => !existsSync(`/proc/${first.shellPid}`)))
        await writeFile(`${folder}/go`, '')
        assert.ok(await eventually(() => existsSync(`${folder}/ended`)))
        const [second] = await open()
        const taken = await second.run({ script: awaitDetachedScript(id, 10) })
        assert.equal([taken.code, String(taken.stdout)], [7, 'begun\ndone\n'])
        const again = await second.run({ script: awaitDetachedScript(id, 10) })
        assert.equal([again.code, String(again.stdout)], [0, ''])
        assert.match(String(again.stderr), 'there is no detached step')
        await second.close()
      })

      scene('gives its result to each of two that wait for it', async (id, open) => {
        const [first] = await open()
        const [second] = await open()
        const begun = first.run({
          script: detachedScript({ id, script: 'echo once; sleep 0.5; exit 7', limitSeconds: 20, hasStdin: false }),
        })
        await sleep(200)
        const results = await Promise.all([begun, second.run({ script: awaitDetachedScript(id, 10) })])
        assert.equal(
          results.map(({ code, stdout }) => [code, String(stdout)]),
          [
            [7, 'once\n'],
            [7, 'once\n'],
          ],
        )
        await Promise.all([first.close(), second.close()])
      })

      scene('is killed at its own deadline, with what it started', async (id, open) => {
        const [session] = await open()
        const seconds = `2000.${process.pid}`
        const script = detachedScript({
          id,
          script: `sleep ${seconds} & sleep ${seconds}`,
          limitSeconds: 1,
          hasStdin: false,
        })
        assert.is((await session.run({ script })).code, 124)
        assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0))
        await session.close()
      })

      scene(
        'that ended at its deadline after the link was lost is no step that still runs',
        async (id, open, folder) => {
          const [first, link] = await open()
          const script = `echo >${folder}/begun; sleep 30`
          const lost = first
            .run({ script: detachedScript({ id, script, limitSeconds: 1, hasStdin: false }) })
            .catch(() => {})
          assert.ok(await eventually(() => existsSync(`${folder}/begun`)))
          link.cut()
          await lost
          const [second] = await open()
          const waited = await second.run({ script: awaitDetachedScript(id, 20) })
          assert.equal([waited.code, stillRuns(id, waited)], [124, false])
          await second.close()
        },
      )

      scene('that still runs when the time for waiting is over says so', async (id, open, folder) => {
        const [first] = await open()
        const [second] = await open()
        const script = `echo >${folder}/begun; until [ -e ${folder}/go ]; do sleep 0.1; done`
        const done = first.run({ script: detachedScript({ id, script, limitSeconds: 60, hasStdin: false }) })
        assert.ok(await eventually(() => existsSync(`${folder}/begun`)))
        const waited = await second.run({ script: awaitDetachedScript(id, 1) })
        assert.ok(stillRuns(id, waited))
        await writeFile(`${folder}/go`, '')
        assert.is((await done).code, 0)
        await Promise.all([first.close(), second.close()])
      })

      scene('is begun again when it was killed before it could say how it ended', async (id, open, folder) => {
        const [session] = await open()
        const script = detachedScript({
          id,
          script: `[ -e ${folder}/second ] && exit 5; : >${folder}/second; kill -9 $PPID; sleep 0.2`,
          limitSeconds: 10,
          hasStdin: false,
        })
        const first = await session.run({ script })
        assert.is(first.code, 137)
        assert.match(String(first.stderr), 'killed before it could say')
        assert.is((await session.run({ script })).code, 5)
        await session.close()
      })

      if (!root) return

      scene('lets nobody else read its logs, and has its input in no file', async (id, open) => {
        const record = `/run/tsplay/steps/${id}`
        const [session] = await open()
        const script = detachedScript({ id, script: 'sleep 0.5; cat', limitSeconds: 10, hasStdin: true })
        const done = session.run({ script, stdin: Buffer.from('hidden') })
        assert.ok(await eventually(() => existsSync(`${record}/pid`)))
        assert.is((statSync('/run/tsplay/steps').mode & 0o777).toString(8), '700')
        assert.is((statSync(`${record}/out`).mode & 0o777).toString(8), '600')
        assert.not.ok(readdirSync(record).includes('in'))
        assert.is(String((await done).stdout), 'hidden')
        await session.close()
      })
    },
    10_000,
  )
}
