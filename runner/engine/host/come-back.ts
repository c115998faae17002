import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectError, TsplayError } from '../../model/errors.ts'
import type { Session } from '../../session/session.ts'
import type { HostHandle } from './handle.ts'

/** How long a host that does not answer is given for one look, in milliseconds. */
const lookMs = 30_000

/** Another one after each boot (random(4)). */
export async function bootOf(session: Session, signal: AbortSignal): Promise<string> {
  const script = 'cat /proc/sys/kernel/random/boot_id'
  const { code, stdout, timedOut } = await session.run({ script, timeoutMs: lookMs, signal })
  if (timedOut) throw new TsplayError('LOST', 'it does not answer')
  if (code === 0) return stdout.toString().trim()
  throw new TsplayError('COMMAND', 'the host does not tell its boots apart: it has no /proc/sys/kernel/random/boot_id')
}

/** That the host is gone or not there yet; a host that is there and is not to be trusted is no such thing. */
export const isAway = (error: unknown): boolean =>
  error instanceof TsplayError &&
  (error.code === 'LOST' || (error instanceof ConnectError && error.stage !== 'host-key'))

/** Waits until the host answers whoever logs in with another boot than `before`. Throws TsplayError TIMEOUT. */
export async function comeBack({ body, host }: HostHandle, before: string, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs
  for (let seen = 'it has not gone down'; ;) {
    try {
      if ((await bootOf(await body.session(host, undefined), body.signal)) !== before) return
    } catch (error) {
      if (!isAway(error)) throw error
      seen = (error as TsplayError).message
    }
    if (performance.now() > end) {
      throw new TsplayError(
        'TIMEOUT',
        `${host} was not back ${Math.round(limitMs / 1000)} s after its reboot: ${seen}`,
        {
          hint: 'Look at its console; timeoutMs gives it more time.',
        },
      )
    }
    await sleep(1000, undefined, { signal: body.signal })
  }
}
