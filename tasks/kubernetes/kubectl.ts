import { unclear } from '../../runner/model/facts-of/unclear.ts'

/** The administrator's access, on control planes. */
export const adminConf = '/etc/kubernetes/admin.conf'

/** A kubelet's own access: it may read its own node. */
export const kubeletConf = '/etc/kubernetes/kubelet.conf'

/** What a host printed after each line `== NAME`, by name. */
export function sections(raw: string): ReadonlyMap<string, string> {
  const parts = raw.split(/^== (.*)\n/m)
  const found = new Map<string, string>()
  for (let i = 1; i < parts.length; i += 2) found.set(parts[i] ?? '', (parts[i + 1] ?? '').trim())
  return found
}

/**
 * Answers of the API by name; whatever is no JSON is the error's text. Throws a TsplayError COMMAND for text before the
 * first: the host could not ask.
 */
export function apiAnswers(raw: string): ReadonlyMap<string, string> {
  if (!/^(?:== |\s*$)/.test(raw)) throw unclear("the cluster's API", raw)
  return sections(raw)
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** JSON of the API, or `undefined` for what is none. */
export function json(text: string | undefined): Json | undefined {
  if (text === undefined || !/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** What is at a path of keys, or `undefined`. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let here: Json | undefined = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as { readonly [key: string | number]: Json | undefined })[key]
  }
  return here
}

export const textAt = (value: Json | undefined, ...path: readonly (string | number)[]): string | undefined => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export const listAt = (value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? (found as readonly Json[]) : []
}

/** Whether the API said that there is no such thing, in words of any kubectl. */
export const isNotFound = (text: string | undefined): boolean => /\bNotFound\b|\bnot found\b/i.test(text ?? '')
