import { isIPv6 } from 'node:net'

/** A name as the inventory's keys and patterns may write it, with the port that was appended to it. */
export interface Address {
  readonly name: string
  readonly port: number | undefined
}

const range = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`
const label = String.raw`(?:\w|${range})(?:[\w-]|${range})*(?<![_-])`
const hostname = new RegExp(String.raw`^${label}(?:\.${label})*$`, 'iu')
const hexRange = /\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]/gi

/**
 * Takes `web1`, `web[1:3].lan:2222`, `10.0.0.5`, `::1` or `[::1]:22` apart; `undefined` for what is no such name.
 * The grammar is that of Ansible's parse_address: an IPv6 address has a port only when it is in brackets.
 */
export function parseAddress(text: string): Address | undefined {
  const bracketed = /^\[(.+)\]:([0-9]+)$/.exec(text)
  const withPort = bracketed ?? /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(text)
  const name = withPort?.[1] ?? text
  if (!hostname.test(name) && !isIPv6(name.replaceAll(hexRange, '0'))) return undefined
  return { name, port: withPort?.[2] === undefined ? undefined : Number(withPort[2]) }
}
