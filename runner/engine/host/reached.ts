import type { Change } from '../../model/change.ts'
import { CommandError, TsplayError } from '../../model/errors.ts'
import type { Applied, StepFailure } from '../exchange/apply.ts'
import { parseProbe, type RawAnswers } from '../exchange/probes.ts'
import { redact } from '../redact.ts'
import { stateOf } from './resource-state.ts'
import type { Item } from './segment.ts'

/** What an application that was begun came to. */
type Begun = Exclude<Applied, { readonly status: 'surprise' } | { readonly status: 'unreached' }>

const stateFrom = ({ probes }: Item, raw: RawAnswers): object => stateOf(probes, (probe) => parseProbe(probe, raw))

/** What still differs, now that the host was asked again. */
export const remaining = (item: Item, raw: RawAnswers): readonly Change[] =>
  item.resource.definition.diff(item.resource.options, stateFrom(item, raw))

/** The state that an application led to; throws where it failed, or did not lead where it should. */
export function reached(item: Item, outcome: Begun): object {
  const { kind, id } = item.resource
  if (outcome.status === 'cut') throw cutError(`${kind} ${id}`, outcome)
  if (outcome.status === 'failed') throw stepError(kind, id, outcome.failure)
  const left = remaining(item, outcome.raw)
  if (left.length === 0) return stateFrom(item, outcome.raw)
  throw new TsplayError('NOT_CONVERGED', `${kind} ${id} was applied and still differs: ${left.map(words).join('; ')}`, {
    hint: 'Something else on the host may be changing it back.',
  })
}

function cutError(what: string, { timedOut, aborted }: { readonly timedOut: boolean; readonly aborted: boolean }) {
  if (timedOut) return new TsplayError('TIMEOUT', `${what} took longer than its limit and was killed`)
  const hint = 'Running again finishes it.'
  if (aborted) return new TsplayError('ABORTED', `${what} was stopped half-way`, { hint })
  return new TsplayError('COMMAND', `${what}: its shell was killed on the host half-way`, { hint })
}

const words = ({ field, before, after, restricted, text }: Change): string =>
  restricted || text ? field : `${field} is ${show(before)}, not ${show(after)}`

const show = (value: unknown): string => redact(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent'))

function stepError(kind: string, id: string, { step, code, stdout, stderr }: StepFailure): CommandError {
  const last = redact((stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '')
  return new CommandError(
    `${kind} ${id}: ${last === '' ? `exit code ${code}` : last}`,
    { command: 'script' in step ? step.script : `write ${step.to}`, exitCode: code, stdout, stderr },
    'script' in step && step.hint !== undefined ? { hint: step.hint } : {},
  )
}
