import { readFile } from 'node:fs/promises'
import { exchange } from '../../runner/engine/exchange/exchange.ts'
import { HostLock } from '../../runner/engine/lock/host-lock.ts'
import { awaitDetachedScript, detachedScript } from '../../runner/session/detached.ts'
import { openSession } from '../../runner/session/open.ts'
import type { Session } from '../../runner/session/session.ts'
import { localConnection, type LocalConnection } from '../helpers/local-connection.ts'
import { eventually } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** The lease of a session whose shell is killed: its timer lives on as long. */
const shortLease = 8

/** Nothing of these tests waits for long unless something is wrong: then it is said, not waited for. */
const patient = 60

interface Scene {
  readonly link: LocalConnection
  readonly open: (leaseSeconds?: number) => Promise<Session>
  readonly lock: (run: string, waitSeconds?: number) => HostLock
  readonly notices: string[]
}

/** Makes a change behind the lock: `done`, or why not. */
async function change(session: Session, lock: HostLock, script = 'echo done'): Promise<string> {
  try {
    const answers = await exchange(session, [{ label: 'x', script }], { timeoutMs: 60_000, lock: lock.guard(session) })
    return answers.stdout('x').toString().trim()
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message} | ${(error as { hint?: string }).hint}`
  }
}

const keeperIn = (refusal: string) => Number(/kill (\d+)/.exec(refusal)?.[1])

for (const shell of ['dash', 'busybox'] as const) {
  suite(
    `the lock of a host whose shell is ${shell}`,
    (test) => {
      const scene = (title: string, body: (at: Scene) => Promise<void>) =>
        test(title, async () => {
          await using folder = await temporaryFolder()
          await using link = await localConnection({ shell })
          const notices: string[] = []
          await body({
            link,
            notices,
            open: (leaseSeconds = 60) => openSession(link, { leaseSeconds }),
            lock: (run, waitSeconds = 0) =>
              new HostLock({
                host: 'h1',
                holder: { run, who: 'kim@desk', since: '2026-11-25T09:12:03Z' },
                path: folder.path,
                waitSeconds,
                notice: (message) => notices.push(message),
              }),
          })
        })

      scene('keeps a second run off until the first has ended, and says who has it', async ({ open, lock }) => {
        const [first, second] = [await open(), await open()]
        const [mine, other] = [lock('run-a'), lock('run-b')]
        assert.is(await change(first, mine), 'done')
        const refusal = await change(second, other)
        assert.match(
          refusal,
          /^LOCKED: h1 is locked: kim@desk changes this host since 2026-11-25T09:12:03Z \(run run-a\)/,
        )
        assert.match(refusal, /--wait-lock SECONDS.*kill \d+/)
        assert.is(await change(first, mine), 'done')
        await first.close()
        assert.is(await change(second, lock('run-b', patient)), 'done')
        await second.close()
      })
      scene('costs no round trip, and is shared by all sessions of its run', async ({ open, lock }) => {
        const [first, second] = [await open(), await open()]
        const mine = lock('run-a')
        const before = first.roundTrips
        assert.equal([await change(first, mine), await change(first, mine)], ['done', 'done'])
        assert.is(first.roundTrips - before, 2)
        assert.is(await change(second, mine), 'done')
        // A machine that the inventory knows by two names: the same run, another lock.
        assert.is(await change(second, lock('run-a')), 'done')
        await Promise.all([first.close(), second.close()])
      })
      scene('is waited for, with a word about it', async ({ open, lock, notices }) => {
        const [first, second] = [await open(), await open()]
        await change(first, lock('run-a'))
        const waiting = change(second, lock('run-b', patient))
        assert.ok(await eventually(() => notices.length > 0, 20_000))
        assert.equal(notices, [
          `h1: kim@desk changes this host since 2026-11-25T09:12:03Z (run run-a); it is waited for, ${patient} s at most`,
        ])
        await first.close()
        assert.is(await waiting, 'done')
        await second.close()
      })
      scene('ends with a shell that is killed, cut off or not heard of', async ({ link, open, lock }) => {
        const killed = await open(shortLease)
        await change(killed, lock('run-a'))
        process.kill(killed.shellPid, 'SIGKILL')
        const frozen = await open(2)
        assert.is(await change(frozen, lock('run-b', patient)), 'done')
        link.freeze()
        const last = await open()
        assert.is(await change(last, lock('run-c', patient)), 'done')
        await last.close()
      })
      scene('that somebody ended is noticed: the run changes nothing more', async ({ open, lock }) => {
        const [first, second] = [await open(), await open()]
        const mine = lock('run-a')
        await change(first, mine)
        const keeper = keeperIn(await change(second, lock('run-b')))
        process.kill(keeper, 'SIGTERM')
        assert.is(await change(second, lock('run-b', patient)), 'done')
        assert.match(await change(first, mine), /^LOCKED: h1: this run has lost its lock, and changes nothing more/)
        await second.close()
        assert.match(await change(first, mine), /^LOCKED: h1: this run has lost its lock/)
        await first.close()
      })
      scene('is kept while a step finishes on its own, and by nothing that a command left behind', async (at) => {
        const id = `lock-${process.pid}-${shell}`
        const step = detachedScript({
          id,
          script: 'echo begun >begun; until [ -e go ]; do sleep 0.1; done',
          limitSeconds: 60,
          hasStdin: false,
        })
        await using folder = await temporaryFolder()
        const cut = await at.open(shortLease)
        const mine = at.lock('run-a')
        const left = Number(await change(cut, mine, 'sleep 60 >/dev/null 2>&1 & echo $!'))
        assert.ok(Number.isInteger(left))
        void change(cut, mine, `cd ${folder.path}; ${step}`)
        assert.ok(await eventually(() => readFile(`${folder.path}/begun`).then(Boolean, () => false), 20_000))
        process.kill(cut.shellPid, 'SIGKILL')
        const next = await openSession(at.link)
        assert.match(await change(next, at.lock('run-b', 3)), /^LOCKED: h1 is locked: kim@desk/)
        await folder.write('go', '')
        assert.is(await change(next, at.lock('run-b', patient)), 'done')
        process.kill(left)
        await next.run({ script: awaitDetachedScript(id, 20) })
        await next.close()
      })
    },
    180_000,
  )
}
