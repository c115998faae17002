import type { Probe } from './probe.ts'

/**
 * What a typed probe asks, as plain data: its kind, its subject, its options. Never shell: from it this program makes
 * the same probe again, in a later run or for another host.
 */
export type TypedQuestion = readonly [kind: string, ...details: unknown[]]

const makers = new Map<string, (...details: unknown[]) => Probe<unknown>>()

/** Gives the probes of a function their typed questions, under a kind of their own. `details` must be plain data. */
export function typed<Details extends unknown[], T>(
  kind: string,
  make: (...details: Details) => Probe<T>,
): (...details: Details) => Probe<T> {
  const made = (...details: Details): Probe<T> => ({ ...make(...details), typed: [kind, ...details] })
  // Called by its kind with details that were read from a file: each function judges its own.
  makers.set(kind, made as (...details: unknown[]) => Probe<unknown>)
  return made
}

/** A typed question as text; `undefined` for a probe that has none, or whose question holds what is not known yet. */
export function questionText({ typed: question }: Probe<unknown>): string | undefined {
  if (question === undefined) return undefined
  try {
    return JSON.stringify(question)
  } catch {
    return undefined
  }
}

/** The probe that asks it; `undefined` for what is no question of this program. */
export function probeFor(question: unknown): Probe<unknown> | undefined {
  if (!Array.isArray(question)) return undefined
  const [kind, ...details] = question as unknown[]
  try {
    const probe = makers.get(String(kind))?.(...details)
    return probe !== undefined && questionText(probe) === JSON.stringify(question) ? probe : undefined
  } catch {
    // Details that no playbook could have given.
    return undefined
  }
}
