import { TsplayError } from '../../../runner/model/errors.ts'
import { revealAny, Secret } from '../../../runner/model/secret.ts'
import { inText } from '../../../runner/model/unknown.ts'

/** `true` and `false` are `yes` and `no`; `''` takes back what stands before it, in a drop-in also what other files say. */
export type NetworkValue = string | number | boolean | Secret<string>

/** One section: keys as the man pages have them; a list for a key that is there several times. */
export type NetworkSection = { readonly [key: string]: NetworkValue | readonly NetworkValue[] }

/** By the section's name; a list for one that is there several times: `Address`, `Route`, `WireGuardPeer`. */
export type NetworkSections = { readonly [section: string]: NetworkSection | readonly NetworkSection[] }

/** The sections as a file has them, in the order that they are given in. A secret where one of its values is. */
export function networkText(what: string, sections: NetworkSections): string | Secret<string> {
  const each = Object.entries(sections).flatMap(([name, section]) =>
    listOf(section).map((one) => ({ name: checkedName(what, 'section', name), lines: linesOf(what, name, one) })),
  )
  const text = each
    .map(({ name, lines }) => `[${name}]\n${lines.map(({ key, value }) => `${key}=${revealAny(value)}\n`).join('')}`)
    .join('\n')
  const secret = each.some(({ lines }) => lines.some(({ value }) => value instanceof Secret))
  return secret ? new Secret(text) : text
}

const listOf = <T extends object>(one: T | readonly T[]): readonly T[] => (isList(one) ? one : [one])

/** Unlike Array.isArray it tells of lists that can not be changed. */
const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)

const linesOf = (what: string, section: string, keys: NetworkSection) =>
  Object.entries(keys).flatMap(([key, values]) => {
    checkedName(what, 'key', key)
    return (isList(values) ? values : [values]).map((value) => ({
      key,
      value: checkedValue(what, `${section}.${key}`, value),
    }))
  })

function checkedName(what: string, kind: 'section' | 'key', name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,100}$/.test(name)) return name
  throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(name.slice(0, 80))} can not name a ${kind}`, {
    hint: 'letters, digits and dashes, as in systemd.network(5): Match, Network, IPv6AcceptRA',
  })
}

/**
 * A value as its line is to have it. systemd cuts blanks off around it, and takes a backslash at its end for a sign that the
 * next line goes on with it (systemd.syntax(7)).
 */
function checkedValue(what: string, at: string, given: NetworkValue): string | Secret<string> {
  const value = inText(given)
  const text = textOf(revealAny(value))
  if (text !== undefined && /^(?:[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?)?$/u.test(text) && !text.endsWith('\\')) {
    return value instanceof Secret ? value : text
  }
  const shown = value instanceof Secret ? 'a secret' : JSON.stringify(value)?.slice(0, 80)
  throw new TsplayError('OPTIONS', `${what}: ${at} has to be one line of text, and is ${shown}`, {
    hint: 'without blanks around it and without a backslash at its end; a list makes several lines of one key',
  })
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : undefined
}
