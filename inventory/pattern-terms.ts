import { isIPv6 } from 'node:net'
import { parseAddress } from './address.ts'

export interface Subscript {
  readonly from: number
  /** Included; -1: to the end; absent for a single host. */
  readonly to?: number
}

/** One part of a host pattern. */
export interface Term {
  readonly sign: '' | '!' | '&'
  /** Name, glob or `~regex`, without sign and subscript. */
  readonly expression: string
  readonly subscript: Subscript | undefined
  /** As written, without the sign. */
  readonly text: string
}

/**
 * Takes a pattern apart by Ansible's rules: at commas where it has one, else at colons that are not in brackets and
 * not part of an address. The terms come in the order in which they apply: unions, then `&`, then `!`.
 */
export function patternTerms(pattern: string): Term[] {
  const terms = split(pattern)
    .filter((part) => part !== '')
    .map(term)
  const signed = (sign: Term['sign']) => terms.filter((one) => one.sign === sign)
  const unions = signed('')
  return [...(unions.length > 0 || terms.length === 0 ? unions : [term('all')]), ...signed('&'), ...signed('!')]
}

function split(pattern: string): string[] {
  if (pattern.includes(',')) return pattern.split(',').map((part) => part.trim())
  const whole = pattern.trim()
  if (whole.startsWith('~') && !whole.includes(':')) return [whole]
  if (parseAddress(whole)) return [whole]
  return whole.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []
}

function term(part: string): Term {
  const sign = part.startsWith('!') ? '!' : part.startsWith('&') ? '&' : ''
  const text = part.slice(sign.length)
  if (text.startsWith('~')) return { sign, text, expression: text, subscript: undefined }
  if (text.startsWith('[') && text.endsWith(']') && isIPv6(text.slice(1, -1))) {
    return { sign, text, expression: text.slice(1, -1), subscript: undefined }
  }
  const match = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/.exec(text)
  if (!match) return { sign, text, expression: text, subscript: undefined }
  const [, expression = '', index, from = '0', to] = match
  const subscript = index === undefined ? { from: Number(from), to: to ? Number(to) : -1 } : { from: Number(index) }
  return { sign, text, expression, subscript }
}
