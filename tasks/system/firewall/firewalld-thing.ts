import ipaddr from 'ipaddr.js'
import { TsplayError } from '../../../runner/model/errors.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { parseRichRule, richRuleText } from './rich-rule.ts'

type Ports = `${number}` | `${number}-${number}`

/** Of what a rule is about one. */
interface Things {
  /** By its name in firewalld: `https`. */
  readonly service: string
  /** With its protocol: `8080/tcp`, `8000-8100/udp`. */
  readonly port: `${Ports}/${'tcp' | 'udp' | 'sctp' | 'dccp'}`
  /** Of IP, by its name in /etc/protocols: `gre`. */
  readonly protocol: string
  /** Whose packets the zone is for: an address, a network, a MAC address or `ipset:NAME`. Another zone that has it loses it. */
  readonly source: string
  /** Whose packets the zone is for. Another zone that has it loses it. NetworkManager has a setting of its own for that. */
  readonly interface: string
  /** What comes to a port goes on to another port, address or both. */
  readonly forwardPort: ForwardPort
  /** A kind of ICMP message that is not let through: `echo-request`. */
  readonly icmpBlock: string
  /** See firewalld.richlanguage(5). Quotes may be left out, and parts come in any order. */
  readonly richRule: string
  /** Whether what leaves by the zone gets the host's address. */
  readonly masquerade: true
}

export interface ForwardPort {
  readonly port: number | Ports
  readonly proto: 'tcp' | 'udp' | 'sctp' | 'dccp'
  /** @default the same */
  readonly toPort?: number | Ports
  /** @default the host itself */
  readonly toAddress?: string
}

/** One thing that zones have. */
export type FirewalldThingOptions = {
  [Name in keyof Things]: Pick<Things, Name> & { readonly [Other in Exclude<keyof Things, Name>]?: never }
}[keyof Things]

export interface FirewalldThing {
  /** As firewall-cmd has it: `--add-OPTION`. */
  readonly option: string
  readonly value: string
  readonly list:
    | 'services'
    | 'ports'
    | 'protocols'
    | 'sources'
    | 'interfaces'
    | 'forwardPorts'
    | 'icmpBlocks'
    | 'richRules'
    | 'masquerade'
}

const kinds = {
  service: { option: 'service', list: 'services', form: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/ },
  port: { option: 'port', list: 'ports', form: /^\d{1,5}(?:-\d{1,5})?\/(?:tcp|udp|sctp|dccp)$/ },
  protocol: { option: 'protocol', list: 'protocols', form: /^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$/ },
  source: { option: 'source', list: 'sources', form: /^(?:[\da-fA-F.:]{2,45}(?:\/\d{1,3})?|ipset:[\w.-]{1,32})$/ },
  interface: { option: 'interface', list: 'interfaces', form: /^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,14}$/ },
  icmpBlock: { option: 'icmp-block', list: 'icmpBlocks', form: /^[a-z0-9][a-z0-9-]{0,40}$/ },
} as const

/** Reads what a rule is about. Throws `TsplayError('OPTIONS')`. */
export function thingOf(options: FirewalldThingOptions): FirewalldThing {
  const names = [...Object.keys(kinds), 'forwardPort', 'richRule', 'masquerade'] as (keyof Things)[]
  const given = names.filter((name) => options[name] !== undefined)
  const [name] = given
  if (name === undefined || given.length > 1) {
    throw new TsplayError('OPTIONS', `firewalld: a rule is about one of ${names.join(', ')}`)
  }
  if (name === 'masquerade') return { option: 'masquerade', value: '', list: 'masquerade' }
  if (name === 'richRule') {
    const value = richRuleText(parseRichRule(certain(options.richRule ?? '')))
    return { option: 'rich-rule', value, list: 'richRules' }
  }
  if (name === 'forwardPort') {
    const value = forwardText(options.forwardPort as ForwardPort)
    return { option: 'forward-port', value, list: 'forwardPorts' }
  }
  const { option, list, form } = kinds[name]
  const text = certain(options[name] ?? '')
  if (!form.test(text) || (name === 'port' && !inRange(text))) {
    throw new TsplayError('OPTIONS', `firewalld: ${JSON.stringify(text.slice(0, 80))} is no ${name}`)
  }
  return { option, value: name === 'source' ? sourceText(text) : text, list }
}

/** `80` or `8000-8100`, with or without a protocol. */
function inRange(text: string): boolean {
  const [first = 0, last = first] = text.split('/')[0]?.split('-').map(Number) ?? []
  return first >= 1 && last <= 65_535 && first <= last
}

function forwardText({ port, proto, toPort, toAddress }: ForwardPort): string {
  const wrong = (text: string) =>
    new TsplayError('OPTIONS', `firewalld: forwardPort: ${JSON.stringify(text.slice(0, 80))}`)
  for (const one of [port, toPort ?? 1].map((it) => String(certain(it)))) {
    if (!/^\d{1,5}(?:-\d{1,5})?$/.test(one) || !inRange(one)) throw wrong(`${one} is no port`)
  }
  if (!/^(?:tcp|udp|sctp|dccp)$/.test(certain(proto))) throw wrong(`${proto} is no protocol`)
  if (toPort === undefined && toAddress === undefined) throw wrong('it needs toPort, toAddress or both')
  if (toAddress !== undefined && !ipaddr.isValid(certain(toAddress))) throw wrong(`${toAddress} is no address`)
  return `port=${port}:proto=${proto}:toport=${toPort ?? ''}:toaddr=${toAddress ?? ''}`
}

/** A source, told alike however it is written. */
export function sourceText(source: string): string {
  if (/^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(source)) return source.toUpperCase()
  const [address = '', bits] = source.split('/')
  if (!ipaddr.IPv6.isValid(address)) return source
  return `${ipaddr.IPv6.parse(address).toRFC5952String()}${bits === undefined ? '' : `/${bits}`}`
}
