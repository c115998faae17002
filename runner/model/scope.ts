import type { Host } from './host.ts'

/** A host inside a task: its operations carry the task's name, and it knows whether any of them changed something. */
export interface TaskScope {
  readonly host: Host
  changed(): boolean
  /** Names the task in an error that passes through it, where nothing has named a task in it so far. */
  blame(error: unknown): void
}

/** How a host lets a task in. A symbol, so that it is no part of what playbooks see. */
export const taskEntry: unique symbol = Symbol.for('tsplay.task-entry')

export interface Enterable {
  [taskEntry](name: string): TaskScope
}

/** Opens a task on a host that an engine made. */
export const enterTask = (host: Host, name: string): TaskScope => (host as Host & Enterable)[taskEntry](name)
