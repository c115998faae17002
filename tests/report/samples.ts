import type { Event, OperationFinished, Recap } from '../../runner/engine/events.ts'
import type { OutputStream } from '../../runner/report/streams.ts'

/** A time that all samples share. */
export const at = 1_700_000_000_000

export const noCounts: Recap = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  may: 0,
  notRun: 0,
}

export const started = (hosts: readonly string[], mode: 'run' | 'check' = 'run'): Event => ({
  type: 'run-started',
  at,
  runId: 'r1',
  playbook: 'site',
  file: 'site.ts',
  inventory: 'hosts.yaml',
  hosts,
  mode,
  command: ['run', 'site.ts'],
  user: 'me',
  commit: { id: 'abc', dirty: false },
})

export const operation = (
  number: number,
  host: string,
  more: Partial<OperationFinished> = {},
): [Event, OperationFinished] => {
  const it = { at, host, play: 'p', operation: number, taskPath: ['web'], kind: 'file', id: '/etc/motd' }
  return [
    { type: 'operation-started', ...it },
    { type: 'operation-finished', ...it, status: 'ok', changes: [], durationMs: 5, ...more },
  ]
}

export const finished = (recap: Readonly<Record<string, Recap>>): Event & { readonly type: 'run-finished' } => ({
  type: 'run-finished',
  at: at + 1000,
  status: 'ok',
  recap,
  durationMs: 1000,
  journal: '.tsplay/runs/r1',
})

/** A stream that keeps what it is given; a slow one answers each write a little later. */
export function memoryStream(
  more: Partial<OutputStream> & { readonly delayMs?: number } = {},
): OutputStream & { text: string; writes: number } {
  const { delayMs, ...rest } = more
  return {
    text: '',
    writes: 0,
    write(text, callback) {
      this.text += text
      this.writes++
      if (delayMs === undefined) callback?.()
      else setTimeout(() => callback?.(), delayMs)
      return delayMs === undefined
    },
    on: () => {},
    once: () => {},
    off: () => {},
    ...rest,
  }
}
