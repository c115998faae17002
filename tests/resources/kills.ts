import type { Host } from '../../runner/model/host.ts'
import type { Place } from './place.ts'
import type { Case } from './row.ts'
import { arm, disarm, firstLane, installShims, shimFolder } from './shim.ts'
import { changedSince, picture } from './snapshot.ts'
import { trial, trials } from './trial.ts'

type Check = (what: string, problems: readonly string[]) => void

/** More commands than any one step has. */
const most = 200

/** How often a session is waited for that came in an earlier run. */
const mostWaits = 3

/** What docs/architecture.md says a shell that is killed by force may leave behind. */
const leftBehind = /tsplay-(?:\w{6}|(?:archive|swap)\.\w{6}|unpacking-\w{12})(?:\/|$)/

/**
 * Kills the process group at its n-th program, for every n: that run has to fail, the next one to finish, with the same on
 * the host as after a run that nothing disturbed, and the third to find nothing. So in each session that the step opens.
 */
export async function examineKills(place: Place, one: Case, check: Check): Promise<void> {
  const { prepare = '', reset, make, varies, holds } = one
  const act = (host: Host) => host.ensure(make())
  const whatIsHeld = async () => (holds === undefined ? '' : place.inside(holds))
  const afresh = () => place.inside(`${reset}\n${prepare}`)
  await installShims(place)
  await afresh()
  await trial(place, act)
  const undisturbed = await picture(place)
  const held = await whatIsHeld()
  for (let lane = firstLane, n = 1, lanes = firstLane, waits = 0; lane <= lanes; n++) {
    const where = lane === firstLane ? '' : ` of session ${lane}`
    if (n > most) return check(`ends${where}`, [`more than ${most} programs`])
    await afresh()
    const first = await trial(place, act, {
      path: shimFolder,
      onSend: () => arm(place, n, lane),
    })
    const shot = disarm(place)
    if (!shot.killed) {
      // A session that came in an earlier run only: of a lock, say, that the run before had not yet let go.
      const came = shot.started.length > 0 || lane === firstLane
      if (!came && waits++ < mostWaits) {
        n = 0
        continue
      }
      waits = 0
      if (came)
        check(`lived: ${n - 1} programs${where}`, [
          ...(first.error ? [String(first.error)] : []),
          ...(first.status === 'changed' ? [] : [`it was ${first.status}`]),
          ...(shot.started.length === 0 ? ['no program was started'] : []),
        ])
      lanes = Math.max(lanes, shot.lanes)
      lane += 1
      n = 0
      continue
    }
    const [second, third] = await trials(place, [act, act])
    const paths = await changedSince(place, undisturbed)
    const others = paths.filter((path) => !leftBehind.test(path) && !varies?.test(path))
    const nowHeld = await whatIsHeld()
    check(`killed at program ${n}${where} (${shot.started[n - 1] ?? 'none'})`, [
      ...(first.error ? [] : [`it was ${first.status}, as if nothing had happened`]),
      ...(second?.error ? [`the next run: ${String(second.error)}`] : []),
      ...others.map((path) => `${path} is otherwise than after a run that lived`),
      ...(nowHeld === held ? [] : [`there is ${nowHeld} in place of ${held}`]),
      ...(third === undefined || third.status === 'ok' ? [] : [`the third run was ${third.status}`]),
    ])
  }
  await place.inside(reset)
}
