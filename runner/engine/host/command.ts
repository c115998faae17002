import type { Changed, Command, CommandCall, CommandOptions, Ran } from '../../model/command.ts'
import { contentBytes } from '../../model/content.ts'
import { CommandError, TsplayError } from '../../model/errors.ts'
import { quote, sh } from '../../model/quote.ts'
import { inText, unknown, unknownReason } from '../../model/unknown.ts'
import { detachedScript } from '../../session/detached.ts'
import { existenceProbe } from '../../model/facts-of/path.ts'
import { type Answers, exchange, type ExchangeOptions, type Part } from '../exchange/exchange.ts'
import { isolated, parseProbe } from '../exchange/probes.ts'
import { stepId } from '../exchange/apply.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import { bootOf, comeBack, isAway } from './come-back.ts'
import { operate, report, type Report } from './operate.ts'
import { commandPlace, type CommandPlace } from './per-command/place.ts'
import { unknownRan } from './read.ts'
import { defaultTimeoutMs, ranOrThrow } from './script.ts'
import { withSurroundings } from './surroundings.ts'
import { withText } from './with-text.ts'

/** `host.command`: a change by command, behind its guard; guard and command travel as one. */
export function commandOn(handle: HostHandle): Command {
  return (call) => {
    refuseUnguarded(call)
    return withText('host.command({ … })', (strings, ...values) => {
      const act = async () => {
        const script = sh(strings, ...values)
        const told = report(handle, 'command', script.trim())
        try {
          return await (handle.check || handle.onlyRead ? predict : run)(handle, script, call, told)
        } catch (error) {
          told.fail(error)
          throw error
        }
      }
      return operate(handle, 'host.command', act, { alone: true })
    })
  }
}

function refuseUnguarded(call: CommandCall): void {
  if (typeof call === 'string') {
    throw new TsplayError('OPTIONS', 'host.command is given text, and takes when it is needed and then a template', {
      hint: "Write host.command({ creates: '/srv/seeded' })`seed /srv/seeded`, which quotes the values in it.",
    })
  }
  const guards = ['creates', 'unless', 'onlyIf', 'everyTime'].filter((name) => name in call)
  if (guards.length === 1) return
  throw new TsplayError(
    'OPTIONS',
    `host.command has ${guards.length === 0 ? 'no guard' : `the guards ${guards.join(' and ')}`}, and needs exactly one`,
    {
      hint: 'Say when it is needed: `creates: path`, `unless: test`, `onlyIf: test`, or `everyTime: true`.',
    },
  )
}

/** Where the guard is asked, and whether it can be; what is in the command's environment is not the guard's. */
function beforeGuard(place: CommandPlace, call: CommandCall): string {
  const folder: CommandOptions = call.cwd === undefined ? {} : { cwd: call.cwd }
  return withSurroundings('creates' in call ? place.sees(inText(call.creates)) : '', folder)
}

/** Shell text that is true when the command is needed. */
function needed(call: CommandCall): string {
  if ('creates' in call) return `[ ! -e ${quote(inText(call.creates))} ] && [ ! -L ${quote(inText(call.creates))} ]`
  if ('unless' in call) return `! ${isolated(call.unless)} >/dev/null 2>&1`
  if ('onlyIf' in call) return `${isolated(call.onlyIf)} >/dev/null 2>&1`
  return 'true'
}

async function run(handle: HostHandle, script: string, call: CommandCall, told: Report): Promise<Ran & Changed> {
  const { body, host } = handle
  const boot = call.reboots ? await bootOf(await body.session(host, undefined), body.signal) : undefined
  const sent = send(handle, script, call, told)
  const ran = await (boot === undefined ? sent : sent.catch(endedByReboot))
  if (ran === undefined) return notNeeded(told)
  if (boot !== undefined) {
    await comeBack(handle, boot, call.timeoutMs ?? defaultTimeoutMs)
    body.run.facts.delete(host)
    body.noteChange(host)
  }
  const changed = 'everyTime' in call ? (call.changed?.(ran) ?? true) : true
  told.finish(
    changed
      ? { status: 'changed', changes: [{ field: 'run', before: undefined, after: script.trim() }] }
      : { status: 'ok', changes: [] },
  )
  // Not copied: that would read its output, of which there may be too much.
  return Object.assign(ran, { changed })
}

/** Sends guard and command as one; `undefined` where the guard says that there is nothing to do. */
async function send(handle: HostHandle, script: string, call: CommandCall, told: Report): Promise<Ran | undefined> {
  const { body } = handle
  const place = await commandPlace(handle)
  const { session } = place
  if (await foreseenDone(handle, place, call)) return undefined
  await body.run.ready
  const timeoutMs = call.timeoutMs ?? defaultTimeoutMs
  const text = place.scriptOf(script, call)
  body.run.emit({ type: 'command-sent', at: Date.now(), host: handle.host, user: session.user, script: redact(text) })
  const stdin = call.stdin === undefined ? undefined : contentBytes(call.stdin)
  const whole =
    call.onDisconnect === 'finish'
      ? detachedScript({
          id: stepId({ kind: 'command', id: script }, 0),
          script: text,
          limitSeconds: Math.ceil(timeoutMs / 1000),
          hasStdin: stdin !== undefined,
        })
      : text
  const guard = {
    label: 'guard',
    script: `${beforeGuard(place, call)}\n${needed(call)} || { mark end; exit 0; }`,
  }
  const main = { label: 'command', script: `(\n${whole}\n)${stdin === undefined ? ' </dev/null' : ''}\nmark "code.$?"` }
  const answers = await sendGuarded(handle, place, call, [guard, main], {
    timeoutMs,
    lock: body.run.lock(handle.host)?.guard(session),
    signal: body.signal,
    onOutput: (label, stream, chunk) => {
      if (label === 'command') told.output(stream, chunk)
    },
    ...(stdin === undefined ? {} : { stdin }),
  })
  if (!answers.has('command') && answers.has('end')) return undefined
  const code = answers.labels.find((label) => label.startsWith('code.'))
  if (code === undefined && !answers.timedOut && !answers.aborted) {
    if (answers.has('command')) throw shellKilled(script, answers)
    const why = answers.stderr('guard').toString().trim()
    throw new TsplayError('COMMAND', `the command was not begun${why === '' ? '' : `: ${redact(why)}`}`)
  }
  const result = {
    code: Number(code?.slice('code.'.length) ?? 255),
    stdout: answers.stdout('command'),
    stderr: answers.stderr('command'),
    truncated: answers.truncated('command'),
    timedOut: answers.timedOut,
    aborted: answers.aborted,
  }
  await place.judge(script, result)
  return ranOrThrow(result, script, call)
}

/** A host that goes down may take the command's own shell and connection with it. */
function endedByReboot(error: unknown): Ran {
  const isKilled = error instanceof CommandError && error.exitCode === 128 + 9
  if (isKilled || isAway(error)) return { stdout: '', stderr: '', code: 0 }
  throw error
}

/** By the command itself (`kill -9 $PPID`), or by somebody else on the host: how far it came nobody can tell. */
function shellKilled(script: string, answers: Answers): CommandError {
  const ran = { stdout: answers.stdout('command').toString(), stderr: answers.stderr('command').toString() }
  const shown = redact(script.trim()).split('\n')[0]
  return new CommandError(`${shown}: the shell that ran it was killed on the host`, {
    command: script,
    exitCode: 128 + 9,
    ...ran,
  })
}

/** The host is taken to be changed unless its guard said for certain that there was nothing to do. */
async function sendGuarded(
  { body, host }: HostHandle,
  { session, user }: CommandPlace,
  call: CommandCall,
  parts: readonly Part[],
  options: ExchangeOptions,
): Promise<Answers> {
  if (!('everyTime' in call)) body.ahead.lane(host, user).along(session)
  let begun = true
  try {
    const answers = await exchange(session, parts, options)
    begun = answers.has('command') || !answers.has('end')
    return answers
  } finally {
    if (begun) body.noteChange(host)
  }
}

/** Whether it was read ahead that what the command makes is there; then nothing needs to be sent. */
async function foreseenDone(
  { body, host }: HostHandle,
  { session, user }: CommandPlace,
  call: CommandCall,
): Promise<boolean> {
  // Where the guard is asked in a folder, that has to be there too.
  if (!('creates' in call) || !call.creates.startsWith('/') || call.cwd !== undefined) return false
  const probe = existenceProbe(call.creates)
  const raw = await body.ahead.lane(host, user).foresee(session, probe, body.signal)
  return raw !== undefined && parseProbe(probe, raw)
}

function notNeeded(told: Report): Ran & Changed {
  told.finish({ status: 'ok', changes: [] })
  return { stdout: '', stderr: '', code: 0, changed: false }
}

async function predict(handle: HostHandle, script: string, call: CommandCall, told: Report): Promise<Ran & Changed> {
  const { body } = handle
  const overlay = body.run.overlay(handle.host)
  const by = `command ${script.trim().split('\n')[0]}`
  const doubt = await guardDoubt(handle, call)
  if (doubt === 'not needed') return notNeeded(told)
  if (handle.onlyRead && doubt === undefined) throw handle.refusal('a command')
  if (body.run.connector.becomesPerCommand(handle.host) && unknownReason(script) === undefined)
    await (await commandPlace(handle)).foresee(script)
  const reason =
    doubt ??
    body.uncertain ??
    ('everyTime' in call && call.changed ? 'only its result tells whether it changes something' : undefined)
  overlay.cloud(`${by} is not run in check mode`)
  // What it makes will be there for certain, and nobody knows with what in it.
  if ('creates' in call && unknownReason(call.creates) === undefined)
    overlay.lay(`path:${call.creates}`, unknown(`${by} is not run in check mode`), by)
  const changes = [{ field: 'run', before: undefined, after: script.trim() }]
  told.finish(reason === undefined ? { status: 'changed', changes } : { status: 'may', changes, reason })
  return Object.defineProperty(unknownRan(`${by} is not run in check mode`) as Ran & Changed, 'changed', {
    get() {
      if (reason !== undefined) body.readUncertain(`${by} may change something: ${reason}`)
      return true
    },
  })
}

/** Asks the guard now. `undefined`: needed for certain; else why that can't be said. */
async function guardDoubt(handle: HostHandle, call: CommandCall): Promise<string | undefined> {
  if ('everyTime' in call) return undefined
  const unasked = unknownReason(needed(call))
  if (unasked !== undefined) return unasked
  const overlay = handle.body.run.overlay(handle.host)
  const touched = 'creates' in call ? overlay.touched([`path:${call.creates}`]) : overlay.touched(['*'])
  const place = await commandPlace(handle)
  const { session, user } = place
  if (touched === undefined && (await foreseenDone(handle, place, call))) return 'not needed'
  handle.body.ahead.lane(handle.host, user).along(session)
  const script = `${beforeGuard(place, call)}\nif ${needed(call)}; then echo yes; else echo no; fi`
  const { stdout } = await session.run({ script, timeoutMs: 120_000, signal: handle.body.signal })
  const isNeeded = stdout.toString().trim() !== 'no'
  if (touched !== undefined) return `its guard may answer differently after ${touched}`
  if (!isNeeded) return 'not needed'
  // What does not exist may have been made by something whose effects nobody can list.
  return 'creates' in call ? overlay.opaque : undefined
}
