import type { OperationFinished, OperationStarted } from '../engine/events.ts'
import { safeLine } from './terminal-safe.ts'

/** Milliseconds for people: `80 ms`, `4.2 s`, `3 min 07 s`, `2 h 05 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`
}

/** `1 host`, `3 hosts`. */
export const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? '' : noun.endsWith('ch') ? 'es' : 's'}`

/** The first names, and how many more there are. */
export function names(all: readonly string[], shown: number): string {
  const first = all.slice(0, shown).map(safeLine).join(', ')
  return all.length > shown ? `${first} and ${all.length - shown} more` : first
}

/** `prepare-node > sysctl net.ipv4.ip_forward`: the tasks an operation is in, its kind and its id. */
export function operationName(event: OperationStarted | OperationFinished): string {
  return event.taskPath.map((task) => `${safeLine(task)} > `).join('') + operationLabel(event)
}

/** `sysctl net.ipv4.ip_forward`: an operation's kind and id. */
export const operationLabel = ({ kind, id }: OperationStarted | OperationFinished): string =>
  `${safeLine(kind)} ${safeLine(id)}`
