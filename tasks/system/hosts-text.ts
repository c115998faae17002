import { isIPv6 } from 'node:net'
import { joinLines, splitLines, type TextLine, usualEnd } from '../files/text-lines.ts'

/** A line of hosts(5). */
interface HostsLine {
  readonly address: string
  readonly names: readonly string[]
}

/** One spelling for each address: `2001:DB8:0::1` is `2001:db8::1`. */
function plain(address: string): string {
  const url = `http://[${address}]/`
  return isIPv6(address) && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address
}

export const sameAddress = (a: string, b: string): boolean => plain(a) === plain(b)

/** Reads a line; `undefined` for comments and blank lines. */
function hostsLine(text: string): HostsLine | undefined {
  const [address, ...names] = text
    .replace(/#.*$/, '')
    .trim()
    .split(/[ \t]+/)
  return address === undefined || address === '' ? undefined : { address, names }
}

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
const without = (names: readonly string[], gone: readonly string[]) =>
  names.filter((name) => !gone.some((other) => sameName(name, other)))

/** The line with other names: its address, and a comment behind it, stay. `undefined`: no name is left. */
function renamed(line: TextLine, names: readonly string[]): TextLine | undefined {
  const { address } = hostsLine(line.text) as HostsLine
  const comment = /\s*#.*$/.exec(line.text)?.[0] ?? ''
  return names.length === 0 ? undefined : { ...line, text: `${[address, ...names].join(' ')}${comment}` }
}

/**
 * The text of hosts(5) in which an address has these names, and of its family no other address has one of them. They stand
 * in the first line of that address, in their order, behind names that are there already; a new line comes last.
 */
export function withNames(text: string, address: string, wanted: readonly string[]): string {
  const family = isIPv6(address)
  let placed = false
  const lines = splitLines(text).flatMap((line): readonly TextLine[] => {
    const found = hostsLine(line.text)
    if (found === undefined || isIPv6(found.address) !== family) return [line]
    const others = without(found.names, wanted)
    if (placed || !sameAddress(found.address, address)) {
      if (others.length === found.names.length) return [line]
      return [renamed(line, others)].filter((it) => it !== undefined)
    }
    placed = true
    const own = found.names.filter((name) => !others.includes(name))
    if (own.length === wanted.length && own.every((name, i) => sameName(name, wanted[i] ?? ''))) return [line]
    return [renamed(line, [...others, ...wanted])].filter((it) => it !== undefined)
  })
  if (!placed) lines.push({ text: [address, ...wanted].join(' '), end: usualEnd(lines) })
  return joinLines(lines)
}

/** The text in which an address has none of these names, or none at all where none are said. */
export function withoutNames(text: string, address: string, gone: readonly string[] | undefined): string {
  const lines = splitLines(text).flatMap((line): readonly TextLine[] => {
    const found = hostsLine(line.text)
    if (found === undefined || !sameAddress(found.address, address)) return [line]
    if (gone === undefined) return []
    const others = without(found.names, gone)
    if (others.length === found.names.length) return [line]
    return [renamed(line, others)].filter((it) => it !== undefined)
  })
  return joinLines(lines)
}
