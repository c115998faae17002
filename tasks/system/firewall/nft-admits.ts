import { isIPv6 } from 'node:net'
import { isAmong, look, matches, type Perhaps } from './nft-match.ts'
import type { NftExpression, NftMatch, NftObject, NftStatement } from './nft-objects.ts'
import type { SshConnection } from './ssh-connection.ts'

/** Where a packet may get to: `on` is the end of a chain that leads back. */
type End = 'accept' | 'drop' | 'on'

/** What statements do beside deciding. */
const passing = new Set(['counter', 'log', 'mangle', 'notrack', 'comment', 'set', 'meter', 'flow', 'tunnel'])

/**
 * Whether a table may let a new SSH connection in. What can't be told without the host (interfaces, marks, rates, sets that
 * change) counts as if it held: rules are refused only where nothing in them can accept.
 */
export function admits(objects: readonly NftObject[], packet: SshConnection): boolean {
  const other = isIPv6(packet.client) ? 'ip' : 'ip6'
  const families = [other, 'arp', 'bridge', 'netdev']
  if (objects.some(({ table }) => table !== undefined && families.includes(table.family))) return true
  return objects.every(({ chain }) => {
    if (chain?.hook !== 'input' && chain?.hook !== 'prerouting') return true
    const ends = ways(chain.name, objects, packet, 0)
    return ends.has('accept') || (ends.has('on') && chain.policy !== 'drop')
  })
}

/** Everywhere that a packet may get to from the beginning of a chain. */
function ways(name: string, objects: readonly NftObject[], packet: SshConnection, depth: number): Set<End> {
  const ends = new Set<End>()
  // The kernel follows sixteen jumps.
  if (depth > 16) return new Set(['on'])
  for (const { rule } of objects) {
    if (rule?.chain !== name) continue
    const here = through(rule.expr, objects, packet, depth)
    for (const end of here) if (end !== 'next') ends.add(end)
    if (!here.has('next')) return ends
  }
  return ends.add('on')
}

/** Where one rule may lead; `next`: to the rule after it. */
function through(
  statements: readonly NftStatement[],
  objects: readonly NftObject[],
  packet: SshConnection,
  depth: number,
): Set<End | 'next'> {
  const ends = new Set<End | 'next'>()
  for (const statement of statements) {
    const [[kind, value] = ['', undefined]] = Object.entries(statement)
    const target = verdict(statement, objects, packet, depth)
    if (target !== undefined) {
      for (const end of target) ends.add(end)
      return ends
    }
    const held = kind === 'match' ? matches(value as NftMatch, packet, objects) : passing.has(kind) ? 'yes' : 'maybe'
    if (kind === 'vmap') for (const end of mapped(value as Vmap, objects, packet, depth)) ends.add(end)
    if (held !== 'yes') ends.add('next')
    if (held === 'no') return ends
  }
  return ends.add('next')
}

interface Vmap {
  readonly key: NftExpression
  readonly data: { readonly set?: readonly (readonly [unknown, NftStatement])[] } | string
}

function mapped(
  { key, data }: Vmap,
  objects: readonly NftObject[],
  packet: SshConnection,
  depth: number,
): Set<End | 'next'> {
  // A named map may hold anything by then.
  if (typeof data === 'string' || data.set === undefined) return new Set(['accept', 'next'])
  const found = look(key, packet)
  const ends = new Set<End | 'next'>()
  for (const [value, statement] of data.set) {
    const held: Perhaps = found === 'no' ? 'no' : found === undefined ? 'maybe' : isAmong(found.is, value, objects)
    if (held !== 'no') for (const end of verdict(statement, objects, packet, depth) ?? []) ends.add(end)
  }
  return ends
}

/** Where a statement that ends a rule leads; `undefined` for others. */
function verdict(
  statement: NftStatement,
  objects: readonly NftObject[],
  packet: SshConnection,
  depth: number,
): ReadonlySet<End | 'next'> | undefined {
  if ('accept' in statement || 'queue' in statement) return new Set(['accept'])
  if ('drop' in statement || 'reject' in statement) return new Set(['drop'])
  if ('return' in statement) return new Set(['on'])
  if ('continue' in statement) return new Set(['next'])
  const { jump, goto } = statement as { readonly jump?: Target; readonly goto?: Target }
  const target = jump ?? goto
  if (target === undefined) return undefined
  const ends = ways(target.target, objects, packet, depth + 1)
  return jump === undefined ? ends : new Set([...ends].map((end) => (end === 'on' ? 'next' : end)))
}

interface Target {
  readonly target: string
}
