import { settleScript } from '../../model/facts-of/due.ts'
import { unitProbe } from '../../model/facts-of/unit.ts'
import { unknownReason } from '../../model/unknown.ts'
import { exchange } from '../exchange/exchange.ts'
import { askProbes, isolated, parseProbe } from '../exchange/probes.ts'
import { redact } from '../redact.ts'
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

async function settle(body: Body, handle: HostHandle, due: Due): Promise<void> {
  const { trigger } = due
  const id = trigger.action === daemonReload().action ? 'systemd' : trigger.unit
  const changes = [{ field: trigger.action, before: undefined, after: true }]
  if (body.check) {
    const reason = await doubtOf(body, handle, due)
    if (reason === 'nothing') return
    const told = report(handle, trigger.action, id)
    told.finish(reason === undefined ? { status: 'changed', changes } : { status: 'may', changes, reason })
    return
  }
  await body.run.ready
  const session = await body.session(handle.host, handle.user)
  const part = { label: 'settle', script: `${isolated(settleScript(trigger))}\nmark "code.$?"` }
  using _change = body.changing(handle.host)
  const answers = await exchange(session, [part], {
    timeoutMs: limitMs,
    signal: body.signal,
    lock: body.run.lock(handle.host)?.guard(session),
  })
  const { timedOut, aborted } = answers
  const code = Number(answers.labels.find((label) => label.startsWith('code.'))?.slice('code.'.length) ?? 255)
  const done = answers.stdout('settle').toString().trim()
  if (code === 0 && done === '') return
  const told = report(handle, trigger.action, id)
  if (code === 0) return told.finish({ status: 'changed', changes })
  if (aborted) {
    const error = new TsplayError('ABORTED', `${trigger.action} of ${id} was stopped`, {
      hint: 'Running again does it.',
    })
    told.fail(error)
    throw error
  }
  const said = answers.stderr('settle').toString().trim()
  const error = timedOut
    ? new TsplayError('TIMEOUT', `${trigger.action} of ${id} took more than ${limitMs / 60_000} minutes`)
    : new CommandError(`${trigger.action} of ${id} failed: ${redact(said.split('\n')[0] ?? '')}`, {
        command: `${trigger.action} ${id}`,
        exitCode: code,
        stdout: done,
        stderr: said,
      })
  told.fail(error)
  throw error
}

/** `undefined`: done for certain; `nothing`: not done; else why nobody can say. */
async function doubtOf(body: Body, handle: HostHandle, { trigger, owed }: Due): Promise<string | undefined> {
  const overlay = body.run.overlay(handle.host)
  if (!overlay.stillCalls(trigger.unit, trigger.action)) return 'nothing'
  if (owed || trigger.action === 'daemon-reload') return body.uncertain
  const session = await body.session(handle.host, handle.user)
  const probe = unitProbe(trigger.unit)
  const raw = await askProbes(session, [probe], { signal: body.signal })
  const unit = overlay.answer(probe, () => parseProbe(probe, raw))
  const reason = unknownReason(unit) ?? unknownReason(unit.running)
  if (reason !== undefined) return reason
  // What is not up has nothing to be restarted.
  return unit.running === 'stopped' || unit.running === 'failed' ? 'nothing' : body.uncertain
}
