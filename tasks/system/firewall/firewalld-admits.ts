import { BlockList, isIP, isIPv6 } from 'node:net'
import type { FirewalldState, FirewalldZone } from './firewalld-state.ts'
import { parseRichRule, type RichPart, type RichRule } from './rich-rule.ts'
import type { SshConnection } from './ssh-connection.ts'

type Services = FirewalldState['services']

/**
 * Whether zones let a new SSH connection in: those of its source, else the one of its interface, else the default zone. Where
 * its interface is not known, each zone that has interfaces counts. What opens may count (a MAC address, a set of addresses),
 * what closes has to be certain.
 */
export function firewalldAdmits(
  zones: readonly FirewalldZone[],
  { defaultZone, services }: FirewalldState,
  connection: SshConnection,
): boolean {
  const { device } = connection
  const bySource = zones.filter(({ sources }) => sources.some((source) => holds(source, connection.client)))
  const byInterface = zones.filter(({ interfaces }) =>
    device === undefined ? interfaces.length > 0 : interfaces.includes(device),
  )
  const byDefault = zones.filter(({ name }) => name === defaultZone)
  const deciding = [bySource, device === undefined ? [...byInterface, ...byDefault] : byInterface, byDefault]
  return (deciding.find((some) => some.length > 0) ?? []).some((zone) => opens(zone, services, connection))
}

/** In the order of firewalld.richlanguage(5): rules before the zone's own, what is denied, what is let in, rules after it. */
function opens(zone: FirewalldZone, services: Services, connection: SshConnection): boolean {
  const rules = zone.richRules
    .flatMap(readable)
    .filter((rule) => verdictOf(rule, services, connection) !== undefined)
    .toSorted((one, other) => one.priority - other.priority)
  const verdict = (rule: RichRule | undefined) => rule && verdictOf(rule, services, connection)
  const own = rules.filter(({ priority }) => priority === 0)
  if (zone.forwardPorts.some((it) => isPort(/^port=([\d-]+):proto=tcp/.exec(it)?.[1], connection))) return false
  const before = verdict(rules.find(({ priority }) => priority < 0))
  if (before !== undefined) return before
  if (own.some((rule) => verdict(rule) === false)) return false
  const letIn =
    own.length > 0 ||
    zone.protocols.includes('tcp') ||
    zone.ports.some((it) => it.endsWith('/tcp') && isPort(it.split('/')[0], connection)) ||
    zone.services.some((name) => isOf(services[name], connection))
  return letIn || (verdict(rules.find(({ priority }) => priority > 0)) ?? zone.target === 'ACCEPT')
}

/** Rules that this program has no words for are firewalld's own matter. */
function readable(text: string): RichRule[] {
  try {
    return [parseRichRule(text)]
  } catch {
    return []
  }
}

/** Whether a rule lets the connection in; `undefined` where it says nothing of it. */
function verdictOf({ family, parts }: RichRule, services: Services, connection: SshConnection): boolean | undefined {
  const action = [...parts.keys()].find((name) => /^(?:accept|reject|drop)$/.test(name))
  const own = isIPv6(connection.client) ? 'ipv6' : 'ipv4'
  if (action === undefined || (family !== undefined && family !== own)) return undefined
  const fits = [
    addressFits(parts.get('source'), connection.client),
    addressFits(parts.get('destination'), connection.server),
    elementFits(parts, services, connection),
  ]
  if (fits.includes(false)) return undefined
  if (action === 'accept') return true
  return fits.includes(undefined) || parts.get(action)?.limit !== undefined ? undefined : false
}

/** `undefined` where that can not be told. */
function addressFits(part: RichPart | undefined, address: string): boolean | undefined {
  if (part === undefined) return true
  const given = part.attributes['address']
  return given === undefined ? undefined : holds(given, address) !== part.not
}

function elementFits(parts: RichRule['parts'], services: Services, connection: SshConnection): boolean {
  const [service, port, protocol] = ['service', 'port', 'protocol'].map((name) => parts.get(name)?.attributes)
  if (service) return isOf(services[service['name'] ?? ''], connection)
  if (port) return port['protocol'] === 'tcp' && isPort(port['port'], connection)
  if (protocol) return protocol['value'] === 'tcp'
  return ![...parts.keys()].some((name) => /^(?:icmp-|forward-port|source-port|masquerade|tcp-mss)/.test(name))
}

const isOf = (ports: readonly string[] | undefined, connection: SshConnection) =>
  (ports ?? []).some((it) => isPort(it, connection))

function isPort(range: string | undefined, { port }: SshConnection): boolean {
  const [first = Number.NaN, last = first] = range?.split('-').map(Number) ?? []
  return first <= port && port <= last
}

function holds(source: string, address: string): boolean {
  const [base = '', length] = source.split('/')
  const family = isIPv6(base) ? 'ipv6' : 'ipv4'
  if (isIP(base) === 0) return false
  const list = new BlockList()
  const bits = length === undefined ? (family === 'ipv6' ? 128 : 32) : Number(length)
  // A mask in place of a length.
  if (!Number.isInteger(bits)) return false
  list.addSubnet(base, bits, family)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
