import { isIP } from 'node:net'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain, unknownReason } from '../../runner/model/unknown.ts'
import { editedFile } from '../files/edited-file.ts'
import { withNames, withoutNames } from './hosts-text.ts'

export interface HostsEntryOptions {
  /** An IPv4 or IPv6 address, without a prefix. */
  readonly address: string
  /**
   * Names of it, the full one first: that is what `hostname -f` gives. Without them, `absent` removes every line of the
   * address.
   */
  readonly names?: string | readonly string[]
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

const path = '/etc/hosts'
const definition = editedFile('hostsEntry')

/**
 * Names of an address in `/etc/hosts`. A name is taken from other addresses of the same family, since the first line that
 * has it would win; other names of the address, comments and the order of lines stay. Where the file itself is mounted, as
 * in containers, it is written in place.
 * @example
 * await host.ensure(hostsEntry({ address: '10.0.0.10', names: ['cp1.example.org', 'cp1'] }))
 * await host.ensure(hostsEntry({ address: '127.0.1.1', state: 'absent' }))
 */
export function hostsEntry(options: HostsEntryOptions): Resource<{ readonly path: string }> {
  const { address, state = 'present' } = options
  const names = options.names === undefined ? undefined : [options.names].flat()
  const what = `hostsEntry ${address}`
  if (unknownReason(address) === undefined && isIP(address) === 0) {
    throw new TsplayError('OPTIONS', `hostsEntry: ${JSON.stringify(address.slice(0, 80))} is no address`, {
      hint: 'such as 10.0.0.10 or 2001:db8::10',
    })
  }
  for (const name of names ?? []) {
    if (unknownReason(name) !== undefined) continue
    if (!/^(?!-)[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?$/.test(name))
      throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(name.slice(0, 80))} can not be the name of a host`)
  }
  if (state === 'present' && (names ?? []).length === 0) throw new TsplayError('OPTIONS', `${what}: names are needed`)
  return definition({
    path,
    id: `${address} ${names?.[0] ?? ''}`.trim(),
    create: true,
    absentIsFine: state === 'absent',
    edit(text) {
      const of = certain(address)
      if (state === 'absent') return withoutNames(text, of, names?.map(certain))
      return withNames(text, of, (names ?? []).map(certain))
    },
  })
}
