import { BlockList, isIPv6 } from 'node:net'
import type { SshConnection } from './ssh-connection.ts'
import type { UfwState, UfwTuple } from './ufw-state.ts'

/** Whether ufw with these rules and policies would let a new SSH connection in. The first rule that fits decides. */
export function ufwAdmits({ rules, incoming, ipv6 }: UfwState, connection: SshConnection): boolean {
  const family = isIPv6(connection.client) ? 'v6' : 'v4'
  // It then lets all of IPv6 be dropped, but for the loopback.
  if (family === 'v6' && !ipv6) return false
  for (const rule of rules) {
    if (rule.family !== family || !fits(rule, connection)) continue
    const opens = /^(?:allow|limit)/.test(rule.action)
    // Whether the interface is the one of the connection is not known: what opens may count, what closes may not.
    if (opens || !rule.way.includes('_')) return opens
  }
  return incoming === 'allow'
}

const fits = ({ way, proto, port, to, from, fromPort }: UfwTuple, { client, server, port: wanted }: SshConnection) =>
  /^in(?:_|$)/.test(way) &&
  (proto === 'tcp' || proto === 'any') &&
  (port === 'any' || includesPort(port, wanted)) &&
  fromPort === 'any' &&
  within(client, from) &&
  within(server, to)

const includesPort = (ports: string, port: number) =>
  ports.split(',').some((part) => {
    const [first, last = first] = part.split(':').map(Number)
    return first !== undefined && last !== undefined && first <= port && port <= last
  })

function within(address: string, network: string): boolean {
  const [base = '', length] = network.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(base, length === undefined ? (family === 'ipv6' ? 128 : 32) : Number(length), family)
  return list.check(address, family)
}
