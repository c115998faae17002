import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { unitProbe, type UnitState } from '../../../runner/model/facts-of/unit.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { Step } from '../../../runner/model/step.ts'
import { certain, inText } from '../../../runner/model/unknown.ts'
import { localContent } from '../../files/desired-content.ts'
import { ownedFile, ownedFileAfter } from '../owned-file.ts'
import { admits } from './nft-admits.ts'
import { nftProbe, type NftState, nftText } from './nft-rules.ts'
import { cutsOff, type SshConnection, sshConnectionProbe } from './ssh-connection.ts'

interface NftTable {
  /** The table's name, and with the family that of its file: `/etc/nftables.d/FAMILY-NAME.nft`. */
  readonly name: string
  /** Whose packets it sees. @default 'inet' */
  readonly family?: 'inet' | 'ip' | 'ip6' | 'arp' | 'bridge'
}

interface NftContent extends NftTable {
  /** What stands between the table's braces: chains, sets and maps, as nft(8) has them. It or `source`. */
  readonly content: string
  readonly source?: never
  readonly state?: 'present'
  /** Whether the rules may cut off the SSH connection that the host is reached by. @default false */
  readonly mayDisconnect?: boolean
}

interface NftSource extends NftTable {
  /** In place of `content`: a file of the control machine, relative to the file that names it. */
  readonly source: string
  readonly content?: never
  readonly state?: 'present'
  readonly mayDisconnect?: boolean
}

interface NftAbsent extends NftTable {
  /** `absent` takes away the table and its file, and nothing else. @default 'present' */
  readonly state: 'absent'
  readonly content?: never
  readonly source?: never
  readonly mayDisconnect?: never
}

export type NftablesOptions = NftContent | NftSource | NftAbsent

export interface NftablesOut {
  readonly path: string
}

interface Wanted {
  readonly family: string
  readonly name: string
  /** `undefined`: there is to be no such table. */
  readonly text: string | undefined
  readonly mayDisconnect: boolean
}

interface State {
  readonly rules: NftState
  readonly file: PathState
  /** What is loaded at boot, where the Red Hat family has it. */
  readonly sysconfig: PathState
  /** The same, where Debian has it. */
  readonly etc: PathState
  readonly unit: UnitState
  readonly connection: SshConnection | undefined
}

const whatOf = ({ family, name }: Wanted) => `nftables ${family} ${name}`
const pathOf = ({ family, name }: Wanted) => `/etc/nftables.d/${family}-${name}.nft`

const including = 'include "/etc/nftables.d/*.nft"\n'

/** The file that nftables.service loads. */
const main = ({ sysconfig, etc }: State) =>
  certain(sysconfig).kind === 'absent'
    ? ({ field: 'etc', path: '/etc/nftables.conf', file: etc } as const)
    : ({ field: 'sysconfig', path: '/etc/sysconfig/nftables.conf', file: sysconfig } as const)

const definition = resource<Wanted, State, NftablesOut>({
  kind: 'nftables',
  id: ({ family, name }) => `${family} ${name}`,
  probes: (wanted) => ({
    rules: nftProbe(wanted.family, wanted.name, wanted.text ?? null),
    file: pathProbe(pathOf(wanted), { content: 'always' }),
    sysconfig: pathProbe('/etc/sysconfig/nftables.conf', { content: 'always' }),
    etc: pathProbe('/etc/nftables.conf', { content: 'always' }),
    unit: unitProbe('nftables'),
    connection: sshConnectionProbe(),
  }),
  diff(wanted, state): Change[] {
    const rules = certain(state.rules)
    const what = whatOf(wanted)
    const file = ownedFile(what, pathOf(wanted), state.file, wanted.text)
    if (rules.kind === 'no nft') {
      if (wanted.text === undefined) return file
      throw new TsplayError('COMMAND', `${what}: there is no nft on this host`, { hint: 'install nftables first' })
    }
    if (rules.kind === 'refused') throw refusal(what, rules.why)
    if (rules.kind === 'same') return [...file, ...(wanted.text === undefined ? [] : bootChanges(what, state))]
    if (rules.live !== undefined && certain(state.file).kind === 'absent') {
      throw new TsplayError('COMMAND', `${what}: there is such a table already, and none of tsplay's`, {
        hint: `choose another name, or take it away by hand: nft delete table ${wanted.family} ${wanted.name}`,
      })
    }
    const { connection } = state
    if (connection && !wanted.mayDisconnect && !admits(rules.objects, connection)) {
      throw cutsOff(what, connection, `accept it: tcp dport ${connection.port} accept`)
    }
    const changed: Change = { field: 'rules', before: rules.live, after: rules.wanted, text: true }
    return [...file, changed, ...(wanted.text === undefined ? [] : bootChanges(what, state))]
  },
  apply(wanted, changes, state): Step[] {
    const has = (...fields: readonly string[]) => changes.some(({ field }) => fields.includes(field))
    const path = pathOf(wanted)
    if (wanted.text === undefined) {
      // The file says whose the table is, and so it goes last.
      const table = quote(`${wanted.family} ${wanted.name}`)
      return [{ script: `${has('rules') ? `${nft} delete table ${table}&&` : ''}rm -f ${quote(path)}` }]
    }
    const { path: mainPath, file } = main(state)
    const loaded = resolved(file)
    const text = loaded.kind === 'file' ? (loaded.content ?? '') : ''
    return [
      ...(has('file', 'content')
        ? [{ script: 'mkdir -p /etc/nftables.d' }, { upload: wanted.text, to: path, mode: '0644' }]
        : []),
      ...(has('rules') ? [{ script: `${nft} -f ${quote(path)}`, hint: 'Does the play become root?' }] : []),
      ...(has(mainPath) ? [{ upload: included(text), to: mainPath }] : []),
      ...(has('at boot') ? [{ script: 'systemctl enable nftables.service' }] : []),
    ]
  },
  after(wanted, state) {
    if (wanted.text === undefined) return { ...state, rules: { kind: 'same' }, file: { kind: 'absent' } }
    const { field, file } = main(state)
    return {
      ...state,
      rules: { kind: 'same' },
      file: ownedFileAfter(state.file, wanted.text),
      [field]: includes(file) ? file : withText(file, included),
      unit: { ...state.unit, enabled: 'enabled' },
    }
  },
  out: (wanted) => ({ path: pathOf(wanted) }),
})

const nft = 'PATH=$PATH:/usr/sbin:/sbin;nft'

const included = (text: string) => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${including}`

function includes(file: PathState): boolean {
  const found = resolved(certain(file))
  return found.kind === 'file' && /^\s*include\s+"\/etc\/nftables\.d\/\*(?:\.nft)?"/m.test(certain(found.content ?? ''))
}

function withText(state: PathState, change: (text: string) => string): PathState {
  const found = resolved(state)
  const after = ownedFileAfter(state, change(found.kind === 'file' ? (found.content ?? '') : ''))
  return after.kind === 'file' && found.kind === 'file' ? { ...after, mode: found.mode } : after
}

/** What is missing for the table to be there after the next boot. */
function bootChanges(what: string, state: State): Change[] {
  const { path, file } = main(state)
  const { init, load, enabled } = certain(state.unit)
  if (load !== 'loaded' || init !== 'systemd') {
    const none = init === 'openrc' || load === 'no-init'
    const why = none ? 'there is no systemd on this host' : load === 'masked' ? 'nftables.service is masked' : undefined
    throw new TsplayError('COMMAND', `${what}: ${why ?? 'there is no nftables.service on this host'}`, {
      hint: 'nftables.service loads the rules at boot',
    })
  }
  const found = resolved(file)
  if (found.kind !== 'file' || found.content === undefined) {
    throw new TsplayError('COMMAND', `${what}: ${path}, which is loaded at boot, is no text file`)
  }
  return [
    ...(includes(file)
      ? []
      : [{ field: path, before: found.content, after: included(found.content), text: true } as const]),
    ...(certain(enabled) === 'enabled' ? [] : [{ field: 'at boot', before: enabled, after: 'enabled' }]),
  ]
}

function refusal(what: string, why: string): TsplayError {
  if (/^unshare:|Operation not permitted/.test(why)) {
    return new TsplayError('COMMAND', `${what}: the rules can not be tried: ${why}`, {
      hint: 'Does the play become root?',
    })
  }
  return new TsplayError('COMMAND', `${what}: nft refuses the rules: ${why}`, {
    hint: /Interface does not exist/.test(why)
      ? 'at boot rules are loaded before there are interfaces: say iifname and oifname, which look for the name'
      : 'the content is what stands in a table; other tables are other resources',
  })
}

/**
 * A table of nftables, which is all of tsplay's: in a file of its own, and in the kernel, which takes it in one transaction.
 * What the kernel has is compared with what the file makes, in nft's own words, so that a rule that was deleted by hand is
 * seen; members of sets that rules or time change are left alone. Other tables are never touched: a packet has to be let
 * through by all of them. The kernel judges the rules in a network of their own before anything is written, in check mode
 * too. `nftables.service` is enabled, and includes the file at boot; it is not started, since that would flush what others
 * have set.
 *
 * Rules that can not let in the SSH connection that the host is reached by are refused. What depends on interfaces,
 * marks, rates or changing sets can't be told beforehand, and counts as let in.
 *
 * Needs systemd, nft 0.9.1 or newer, and `unshare`. Where firewalld or ufw run, leave the rules to them.
 * @example
 * const content = `
 *   chain input {
 *     type filter hook input priority filter; policy drop;
 *     ct state established,related accept
 *     iif lo accept
 *     meta l4proto { icmp, ipv6-icmp } accept
 *     tcp dport { 22, 80, 443 } accept
 *   }`
 * await host.ensure(nftables({ name: 'web', content }))
 */
export function nftables(options: NftablesOptions): Resource<NftablesOut> {
  const { name, family = 'inet', content, source, state, mayDisconnect = false } = options
  const wrong = (message: string) => new TsplayError('OPTIONS', `nftables: ${message}`)
  if (!/^[A-Za-z][A-Za-z0-9_]{0,60}$/.test(certain(name))) {
    throw wrong(`${JSON.stringify(name.slice(0, 80))} can not name a table: letters, digits and _`)
  }
  if (!/^(?:inet|ip|ip6|arp|bridge)$/.test(certain(family))) throw wrong(`${JSON.stringify(family)} is no family`)
  if (state === 'absent') return definition({ family, name, text: undefined, mayDisconnect: false })
  if ((content === undefined) === (source === undefined)) throw wrong(`${name}: either content or source is needed`)
  const text = inText(content ?? localContent(`nftables ${name}`, source ?? '').toString('utf8'))
  if (certain(text).includes('\0')) throw wrong(`${name}: the content is no text`)
  return definition({ family, name, text: nftText(family, name, text), mayDisconnect })
}
