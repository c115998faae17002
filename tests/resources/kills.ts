import type { Place } from './place.ts'
import type { Case } from './row.ts'
import { arm, disarm, installShims, shimFolder } from './shim.ts'
import { trial } from './trial.ts'

type Check = (what: string, problems: readonly string[]) => void

/** More commands than any one step has. */
const most = 200

/** Kills the process group at its n-th program, for every n: the next run has to finish, and the third to find nothing. */
export async function examineKills(place: Place, one: Case, check: Check): Promise<void> {
  const { prepare = '', reset, make } = one
  await installShims(place)
  for (let n = 1; n <= most; n++) {
    await place.inside(`${reset}\n${prepare}`)
    const first = await trial(place, (host) => host.ensure(make()), {
      path: shimFolder,
      onSend: () => arm(place, n),
    })
    const { killed, started } = disarm(place)
    const at = `killed at program ${n} (${started.at(-1) ?? 'none'})`
    if (!killed) {
      check(`lived: ${n - 1} programs`, first.error ? [String(first.error)] : [])
      return
    }
    const second = await trial(place, (host) => host.ensure(make()))
    const third = await trial(place, (host) => host.ensure(make()))
    check(at, [
      ...(second.error ? [`the next run: ${String(second.error)}`] : []),
      ...(third.status === 'ok' ? [] : [`the third run was ${third.status}`]),
    ])
  }
  check('ends', [`more than ${most} programs`])
}
