import { isIP } from 'node:net'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'

/** The name or address in `host[:port]`; brackets of IPv6 are left out. */
export function hostOf(endpoint: string): string {
  if (isIP(endpoint) !== 0) return endpoint
  return /^\[([^\]]+)\]/.exec(endpoint)?.[1] ?? endpoint.replace(/:\d+$/, '')
}

/** Asks a host whether it finds an address for a name: `false` where it does not. An address is one by itself. */
export const resolvesProbe = (endpoint: string): Probe<boolean> => {
  const name = hostOf(endpoint)
  return {
    fact: `kubernetes:name ${name}`,
    script: isIP(name) === 0 ? `getent hosts ${quote(name)} >/dev/null&&echo found` : 'echo found',
    parse: (raw) => raw.startsWith('found'),
  }
}
