import { TsplayError } from '../../../runner/model/errors.ts'

/** One part of a rich rule: what it is about, with its attributes. */
export interface RichPart {
  readonly not: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** How often it counts: `3/m`. */
  readonly limit: string | undefined
}

/** A rich rule of firewalld, see firewalld.richlanguage(5). */
export interface RichRule {
  readonly priority: number
  readonly family: string | undefined
  /** By name, such as `source`, `port` or `reject`. */
  readonly parts: ReadonlyMap<string, RichPart>
}

/** The parts in the order in which firewalld writes them, with their attributes in theirs. */
const partNames: readonly (readonly [name: string, attributes: readonly string[]])[] = [
  ['source', ['address', 'mac', 'ipset']],
  ['destination', ['address', 'ipset']],
  ['service', ['name']],
  ['port', ['port', 'protocol']],
  ['protocol', ['value']],
  ['tcp-mss-clamp', ['value']],
  ['icmp-block', ['name']],
  ['icmp-type', ['name']],
  ['masquerade', []],
  ['forward-port', ['port', 'protocol', 'to-port', 'to-addr']],
  ['source-port', ['port', 'protocol']],
  ['log', ['prefix', 'level']],
  ['nflog', ['group', 'prefix', 'queue-size']],
  ['audit', []],
  ['accept', []],
  ['reject', ['type']],
  ['drop', []],
  ['mark', ['set']],
]

const token = /^(?:([a-z-]+)=(?:"([^"'\\=]+)"|'([^"'\\=]+)'|([^\s"'\\=]+))|([a-zNOT-]+))(?: +|$)/

/** Reads a rich rule. Throws `TsplayError('OPTIONS')`; what is left to firewalld is whether its values make sense. */
export function parseRichRule(text: string): RichRule {
  const wrong = (message: string) =>
    new TsplayError('OPTIONS', `firewalld: the rich rule ${JSON.stringify(text.slice(0, 80))} ${message}`, {
      hint: 'firewalld.richlanguage(5) has the form of rules',
    })
  if (text.length > 2000 || !/^rule [\x20-\x7e]+$/.test(text))
    throw wrong('is none: "rule", and its parts, in one line')
  const own: Record<string, string> = {}
  const parts = new Map<string, { not: boolean; attributes: Record<string, string>; limit: string | undefined }>()
  let part: string | undefined
  let limiting = false
  for (let rest = text.slice('rule '.length).trimStart(); rest !== '';) {
    const found = token.exec(rest)
    if (found === null) throw wrong(`is not clear at ${JSON.stringify(rest.slice(0, 40))}`)
    const [whole, attribute, double, single, bare, element] = found
    rest = rest.slice(whole.length)
    const current = part === undefined ? undefined : parts.get(part)
    if (attribute !== undefined) {
      const value = double ?? single ?? bare ?? ''
      if (limiting && current && attribute === 'value') {
        // As firewalld shortens it.
        current.limit = value.replace(/\/([smhd])(?:econd|inute|our|ay)$/, '/$1')
        limiting = false
        continue
      }
      const allowed = partNames.find(([name]) => name === part)?.[1] ?? ['priority', 'family']
      if (limiting || !allowed.includes(attribute)) throw wrong(`can not have ${attribute} there`)
      const place = current?.attributes ?? own
      place[attribute] = value
    } else if (element === 'limit' && current) limiting = true
    else if (/^not$/i.test(element ?? '') && current) current.not = true
    else if (element !== undefined && partNames.some(([name]) => name === element) && !parts.has(element)) {
      part = element
      parts.set(element, { not: false, attributes: {}, limit: undefined })
    } else throw wrong(`can not have ${element} there`)
  }
  if (limiting) throw wrong('has a limit without a value')
  if (own['priority'] !== undefined && !/^-?\d{1,5}$/.test(own['priority'])) throw wrong('has no number as priority')
  return { priority: Number(own['priority'] ?? 0), family: own['family'], parts }
}

/** The rule as firewalld writes it. */
export function richRuleText({ priority, family, parts }: RichRule): string {
  const words = partNames.flatMap(([name, order]) => {
    const part = parts.get(name)
    if (part === undefined) return []
    const given = order.flatMap((attribute) => {
      const value = part.attributes[attribute]
      // The one attribute that it writes without quotes.
      return value === undefined ? [] : [attribute === 'set' ? `set=${value}` : `${attribute}="${value}"`]
    })
    return [name, ...(part.not ? ['NOT'] : []), ...given, ...(part.limit ? [`limit value="${part.limit}"`] : [])]
  })
  return [
    'rule',
    ...(priority === 0 ? [] : [`priority="${priority}"`]),
    ...(family === undefined ? [] : [`family="${family}"`]),
    ...words,
  ].join(' ')
}
