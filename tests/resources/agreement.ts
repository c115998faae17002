import type { OperationFinished } from '../../runner/engine/events.ts'
import { unknownReason } from '../../runner/model/unknown.ts'

const isUnknown = (value: unknown) => typeof value === 'string' && value.includes('(not known yet: ')

/** Where a prediction and what was then made disagree: certain ⊆ made ⊆ certain ∪ may. */
export function disagreement(predicted: OperationFinished | undefined, made: OperationFinished | undefined): string[] {
  if (predicted === undefined || made === undefined) return ['nothing was predicted, or nothing was made']
  if (predicted.status === 'may') return predicted.reason ? [] : ['a may without a reason']
  if (predicted.status !== made.status) return [`predicted ${predicted.status}, made ${made.status}`]
  const found: string[] = []
  for (const { field, before, after } of predicted.changes) {
    const same = made.changes.find((change) => change.field === field)
    if (same === undefined) found.push(`${field} was predicted, and not made`)
    else if (!isUnknown(after) && JSON.stringify([before, after]) !== JSON.stringify([same.before, same.after]))
      found.push(`${field} was predicted as ${JSON.stringify(after)}, and made ${JSON.stringify(same.after)}`)
  }
  for (const { field } of made.changes)
    if (!predicted.changes.some((change) => change.field === field)) found.push(`${field} was made, and not predicted`)
  return found
}

/** Parts of a state that was certain and came otherwise. What only one side was asked for is no difference. */
export function stateDifferences(predicted: unknown, reached: unknown, where: string): string[] {
  if (unknownReason(predicted) !== undefined || unknownReason(reached) !== undefined) return []
  if (typeof predicted !== 'object' || predicted === null || typeof reached !== 'object' || reached === null) {
    return Object.is(predicted, reached) ? [] : [`${where}: predicted ${show(predicted)}, reached ${show(reached)}`]
  }
  const optional = ['realPath', 'sha256', 'content', 'password', 'candidate', 'named']
  const parts = [...new Set([...Object.keys(predicted), ...Object.keys(reached)])]
  return parts.flatMap((key) => {
    const [a, b] = [(predicted as Record<string, unknown>)[key], (reached as Record<string, unknown>)[key]]
    // An age grows while one looks.
    if (key === 'listsAgeMs') return []
    return optional.includes(key) && (a === undefined || b === undefined)
      ? []
      : stateDifferences(a, b, `${where}.${key}`)
  })
}

const show = (value: unknown) => (JSON.stringify(value) ?? 'undefined').slice(0, 200)
