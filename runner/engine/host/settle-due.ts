import { settleScript } from '../../model/facts-of/due.ts'
import { CommandError, TsplayError } from '../../model/errors.ts'
import { daemonReload } from '../../model/trigger.ts'
import type { Body, Due } from './body.ts'
import { HostHandle } from './handle.ts'
import { report } from './operate.ts'

const limitMs = 5 * 60_000

/** Does what changes called for and no `service` has done yet: systemd reads its files again first, restarts come last. */
export async function settleDue(body: Body, handle: HostHandle): Promise<void> {
  const rank = { 'daemon-reload': 0, reload: 1, restart: 2 } as const
  const due = [...body.due.values()].toSorted((a, b) => rank[a.trigger.action] - rank[b.trigger.action])
  const restarted = new Set(
    due.flatMap(({ host, trigger }) => (trigger.action === 'restart' ? [`${host} ${trigger.unit}`] : [])),
  )
  for (const one of due) {
    // A restart does all that a reload would.
    if (one.trigger.action === 'reload' && restarted.has(`${one.host} ${one.trigger.unit}`)) continue
    await settle(body, new HostHandle(body, one.host, handle.vars, one.user), one)
  }
}

async function settle(body: Body, handle: HostHandle, { trigger }: Due): Promise<void> {
  const id = trigger.action === daemonReload().action ? 'systemd' : trigger.unit
  const changes = [{ field: trigger.action, before: undefined, after: true }]
  if (body.check) {
    if (!body.run.overlay(handle.host).stillCalls(trigger.unit, trigger.action)) return
    const told = report(handle, trigger.action, id)
    told.finish(
      body.uncertain === undefined
        ? { status: 'changed', changes }
        : { status: 'may', changes, reason: body.uncertain },
    )
    return
  }
  const session = await body.session(handle.host, handle.user)
  const script = settleScript(trigger)
  const { code, stdout, stderr, timedOut } = await session.run({ script, timeoutMs: limitMs, signal: body.signal })
  const done = stdout.toString().trim()
  if (code === 0 && done === '') return
  const told = report(handle, trigger.action, id)
  if (code === 0) return told.finish({ status: 'changed', changes })
  const said = stderr.toString().trim()
  const error = timedOut
    ? new TsplayError('TIMEOUT', `${trigger.action} of ${id} took more than ${limitMs / 60_000} minutes`)
    : new CommandError(`${trigger.action} of ${id} failed: ${said.split('\n')[0] ?? ''}`, {
        command: `systemctl ${trigger.action} ${id}`,
        exitCode: code,
        stdout: done,
        stderr: said,
      })
  told.fail(error)
  throw error
}
