import ipaddr from 'ipaddr.js'
import { TsplayError } from '../../../runner/model/errors.ts'
import { certain } from '../../../runner/model/unknown.ts'

/** Ports as ufw keeps them; `any` for all. Throws `TsplayError('OPTIONS')`. */
export function portsText(port: number | string | undefined, proto: string): string {
  if (port === undefined) return 'any'
  const text = String(certain(port))
  const wrong = (message: string) =>
    new TsplayError('OPTIONS', `ufw rule: port ${JSON.stringify(text.slice(0, 80))} ${message}`)
  if (!/^\d{1,5}(?::\d{1,5})?(?:,\d{1,5}(?::\d{1,5})?)*$/.test(text))
    throw wrong('is none: 80, "80,443" or "8000:8100"')
  const parts = text.split(',').map((part) => part.split(':').map(Number))
  if (parts.some(([first = 0, last = first]) => first < 1 || last > 65_535 || last < first) || parts.length > 15) {
    throw wrong('is not from 1 to 65535, and at most fifteen of them')
  }
  if (/\D/.test(text) && proto === 'any') throw wrong('needs proto: tcp or udp')
  return parts
    .toSorted(([a = 0], [b = 0]) => a - b)
    .map((part) => part.join(':'))
    .join(',')
}

/** An address or network as ufw keeps it; throws where bits of the host are set. */
export function network(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const wrong = (message: string) =>
    new TsplayError('OPTIONS', `ufw rule: ${JSON.stringify(given.slice(0, 80))} ${message}`)
  const text = certain(given)
  if (text.length > 60 || !/^[\da-fA-F.:]+(?:\/\d+)?$/.test(text)) throw wrong('is no address and no network')
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)) return canonical(ipaddr.parse(text))
  if (!ipaddr.isValidCIDR(text)) throw wrong('is no address and no network')
  const [address, bits] = ipaddr.parseCIDR(text)
  if (bits === 0) throw wrong('is any address: leave it out')
  const first = (address.kind() === 'ipv6' ? ipaddr.IPv6 : ipaddr.IPv4).networkAddressFromCIDR(text)
  if (canonical(first) !== canonical(address)) throw wrong(`is an address in ${canonical(first)}/${bits}`)
  return bits === (address.kind() === 'ipv6' ? 128 : 32) ? canonical(address) : `${canonical(address)}/${bits}`
}

const canonical = (address: ipaddr.IPv4 | ipaddr.IPv6): string =>
  'toRFC5952String' in address ? address.toRFC5952String() : address.toString()
