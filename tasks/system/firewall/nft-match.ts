import { BlockList, isIPv6 } from 'node:net'
import type { NftExpression, NftMatch, NftObject } from './nft-objects.ts'
import type { SshConnection } from './ssh-connection.ts'

/** Whether something holds for a packet, as far as can be told without the host. */
export type Perhaps = 'yes' | 'no' | 'maybe'

/** What a packet has where an expression looks; `no`: such a packet has none; `undefined`: it can't be told. */
type Found = { readonly is: string | number } | 'no' | undefined

/** Whether a match holds for the first packet of an SSH connection. */
export function matches({ op, left, right }: NftMatch, packet: SshConnection, sets: readonly NftObject[]): Perhaps {
  // Over the loopback comes only who is on the host.
  if (/^iif(name)?$/.test(left.meta?.key ?? '') && right === 'lo' && packet.client !== packet.server) {
    return op === '!=' ? 'yes' : 'no'
  }
  const found = look(left, packet)
  if (found === 'no') return 'no'
  if (found === undefined || !['==', '!=', 'in'].includes(op)) return 'maybe'
  const held = isAmong(found.is, right, sets)
  return op === '!=' ? ({ yes: 'no', no: 'yes', maybe: 'maybe' } as const)[held] : held
}

export function look({ meta, ct, payload }: NftExpression, { client, server, port }: SshConnection): Found {
  const ip = isIPv6(client) ? 'ip6' : 'ip'
  if (meta?.key === 'l4proto') return { is: 'tcp' }
  if (meta?.key === 'nfproto') return { is: ip === 'ip6' ? 'ipv6' : 'ipv4' }
  if (ct?.key === 'state') return { is: 'new' }
  if (payload === undefined) return undefined
  const { protocol, field } = payload
  if (/^(?:udp|udplite|sctp|dccp|icmp|icmpv6|igmp|esp|ah|comp|arp)$/.test(protocol)) return 'no'
  if (protocol === 'ip' || protocol === 'ip6') {
    if (protocol !== ip) return 'no'
    if (field === 'saddr') return { is: client }
    if (field === 'daddr') return { is: server }
    return field === 'protocol' || field === 'nexthdr' ? { is: 'tcp' } : undefined
  }
  return (protocol === 'tcp' || protocol === 'th') && field === 'dport' ? { is: port } : undefined
}

/** Whether a value is one that a right side of nft names: itself, a set, a range, a prefix, `@name`. */
export function isAmong(value: string | number, right: unknown, sets: readonly NftObject[]): Perhaps {
  if (typeof right === 'string' && right.startsWith('@')) {
    const named = sets.find(({ set }) => set?.name === right.slice(1))?.set
    if (named === undefined || named.flags?.some((flag) => flag === 'dynamic' || flag === 'timeout')) return 'maybe'
    return isAmong(value, { set: named.elem ?? [] }, sets)
  }
  if (typeof right === 'string' || typeof right === 'number') return equal(value, right) ? 'yes' : 'no'
  if (Array.isArray(right)) return anyOf(right.map((one: unknown) => isAmong(value, one, sets)))
  const { set, range, prefix, elem } = right as {
    readonly set?: readonly unknown[]
    readonly range?: readonly [string | number, string | number]
    readonly prefix?: { readonly addr: string; readonly len: number }
    readonly elem?: { readonly val: unknown }
  }
  if (set !== undefined) return isAmong(value, Array.isArray(set) ? set : [set], sets)
  if (elem !== undefined) return isAmong(value, elem.val, sets)
  if (range !== undefined) return within(value, range)
  if (prefix !== undefined) return listed(value, (list, family) => list.addSubnet(prefix.addr, prefix.len, family))
  return 'maybe'
}

const anyOf = (all: readonly Perhaps[]): Perhaps =>
  all.includes('yes') ? 'yes' : all.includes('maybe') ? 'maybe' : 'no'

const equal = (value: string | number, other: string | number) =>
  isIPv6(String(value)) ? listed(value, (list) => list.addAddress(String(other), 'ipv6')) === 'yes' : value === other

function within(value: string | number, [from, to]: readonly [string | number, string | number]): Perhaps {
  if (typeof from === 'number' && typeof to === 'number')
    return from <= Number(value) && Number(value) <= to ? 'yes' : 'no'
  return listed(value, (list, family) => list.addRange(String(from), String(to), family))
}

/** Whether an address is in a list; what is no address can't be told. */
function listed(value: string | number, add: (list: BlockList, family: 'ipv4' | 'ipv6') => void): Perhaps {
  const family = isIPv6(String(value)) ? 'ipv6' : 'ipv4'
  try {
    const list = new BlockList()
    add(list, family)
    return list.check(String(value), family) ? 'yes' : 'no'
  } catch {
    return 'maybe'
  }
}
