import { isIPv6 } from 'node:net'
import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { ScriptStep } from '../../../runner/model/step.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { cutsOff, type SshConnection, sshConnectionProbe } from './ssh-connection.ts'
import { network, portsText } from './ufw-words.ts'
import { ufwAdmits } from './ufw-admits.ts'
import { ufwProbe, type UfwState, type UfwTuple } from './ufw-state.ts'
import { checkedUfw, ufwStep } from './ufw.ts'

interface UfwTraffic {
  /** `limit` lets an address in that has not tried six times in thirty seconds. */
  readonly rule: 'allow' | 'deny' | 'limit' | 'reject'
  /** @default 'in' */
  readonly direction?: 'in' | 'out'
  /** By which it comes or goes: `eth0`. @default any */
  readonly interface?: string
  /** An address or a network: `10.0.0.0/8`, `2001:db8::/32`. @default any */
  readonly from?: string
  /** @default any */
  readonly to?: string
  /** `absent` takes it away, whatever it says to do. @default 'present' */
  readonly state?: 'present' | 'absent'
  /** Shown beside the rule. @default as it is */
  readonly comment?: string
  /** Whether it may cut off the SSH connection that the host is reached by. @default false */
  readonly mayDisconnect?: boolean
}

interface OnePort {
  /** Of the other end: a number, or with `proto` several: `'80,443'`, `'8000:8100'`. @default any */
  readonly port?: number
  /** @default any */
  readonly proto?: 'tcp' | 'udp' | 'ah' | 'esp' | 'gre'
}

interface SeveralPorts {
  readonly port: string
  readonly proto: 'tcp' | 'udp'
}

export type UfwRuleOptions = UfwTraffic & (OnePort | SeveralPorts)

interface Wanted {
  readonly what: string
  readonly action: string
  readonly family: 'v4' | 'v6' | undefined
  readonly way: 'in' | 'out'
  readonly interface: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly port: string
  readonly proto: string
  readonly comment: string | undefined
  readonly absent: boolean
  readonly mayDisconnect: boolean
}

interface State {
  readonly ufw: UfwState
  readonly connection: SshConnection | undefined
}

const definition = resource<Wanted, State, object>({
  kind: 'ufw-rule',
  id: ({ what }) => what,
  probes: () => ({ ufw: ufwProbe(), connection: sshConnectionProbe() }),
  diff(wanted, { ufw, connection }): Change[] {
    const what = `ufw rule ${wanted.what}`
    const found = certain(ufw)
    if (wanted.absent && !found.installed) return []
    const state = checkedUfw(what, found)
    const tuples = tuplesOf(wanted, state)
    if (tuples.length === 0) throw new TsplayError('COMMAND', `${what}: IPv6 is switched off in /etc/default/ufw`)
    const held = tuples.map((tuple) => state.rules.find((one) => isSame(one, tuple)))
    const changes: Change[] = []
    const before = [...new Set(held.map((one) => one && shown(one.action)))]
    const after = wanted.absent ? undefined : wanted.action
    if (before.length > 1 || before[0] !== after) {
      changes.push({
        field: 'rule',
        before: before.length > 1 ? before.map((it) => it ?? 'none').join(' and ') : before[0],
        after,
      })
    }
    const odd = wanted.absent ? undefined : held.find((one) => one && one.comment !== wanted.comment)
    if (odd && wanted.comment !== undefined)
      changes.push({ field: 'comment', before: odd.comment, after: wanted.comment })
    if (!state.loaded) changes.push({ field: 'in the kernel', before: 'not as it is set', after: 'as it is set' })
    if (connection && changes.length > 0 && state.enabled && !wanted.mayDisconnect) {
      if (ufwAdmits(state, connection) && !ufwAdmits(withRule(wanted, state), connection)) {
        throw cutsOff(what, connection, `let port ${connection.port} in by another rule first`)
      }
    }
    return changes
  },
  apply(wanted, changes, { ufw }): ScriptStep[] {
    const has = (name: string) => changes.some(({ field }) => field === name)
    const actions = tuplesOf(wanted, ufw).flatMap((tuple) => ufw.rules.filter((one) => isSame(one, tuple)))
    const commands = wanted.absent
      ? [...new Set(actions.map(({ action }) => action))].map(
          (action) => `ufw delete ${command(wanted, shown(action))}`,
        )
      : [`ufw ${command(wanted, wanted.action)}`]
    return [
      ufwStep([...(has('rule') || has('comment') ? commands : []), ...(has('in the kernel') ? ['ufw reload'] : [])]),
    ]
  },
  after: (wanted, state) => ({ ...state, ufw: withRule(wanted, state.ufw) }),
  out: () => ({}),
})

/** As ufw takes an action: `allow log`. */
const shown = (action: string) => action.replace('_', ' ')

function command({ way, interface: name, proto, from, to, port, comment, absent }: Wanted, action: string): string {
  const words = [
    `${action} ${way}`,
    ...(name === undefined ? [] : [`on ${quote(name)}`]),
    ...(proto === 'any' ? [] : [`proto ${proto}`]),
    `from ${from ?? 'any'} to ${to ?? 'any'}`,
    ...(port === 'any' ? [] : [`port ${port}`]),
    ...(comment === undefined || absent ? [] : [`comment ${quote(comment)}`]),
  ]
  return words.join(' ')
}

/** The rule as ufw keeps it: for both families, unless an address says which one. */
function tuplesOf(wanted: Wanted, { ipv6 }: UfwState): readonly UfwTuple[] {
  const { family, action, proto, port, way, interface: name, comment } = wanted
  const families = (['v4', ...(ipv6 ? ['v6'] : [])] as const).filter((one) => family === undefined || one === family)
  return families.map((one) => {
    const any = one === 'v6' ? '::/0' : '0.0.0.0/0'
    const { from = any, to = any } = wanted
    const via = name === undefined ? way : `${way}_${name}`
    return {
      family: one as 'v4' | 'v6',
      action,
      proto,
      port,
      to,
      fromPort: 'any',
      from,
      app: undefined,
      way: via,
      comment,
    }
  })
}

const parts = ['family', 'proto', 'port', 'to', 'fromPort', 'from', 'way', 'app'] as const

const isSame = (one: UfwTuple, other: UfwTuple) =>
  parts.every((part) => one[part] === other[part]) && !one.action.startsWith('route:')

/** ufw changes a rule where it stands, and adds new ones at the end. */
function withRule(wanted: Wanted, state: UfwState): UfwState {
  const tuples = tuplesOf(wanted, state)
  const kept = state.rules.flatMap((one) => {
    const tuple = tuples.find((it) => isSame(it, one))
    if (tuple === undefined) return [one]
    return wanted.absent ? [] : [{ ...tuple, comment: wanted.comment ?? one.comment }]
  })
  const added = wanted.absent ? [] : tuples.filter((tuple) => !kept.some((one) => isSame(one, tuple)))
  const rules = [...kept, ...added]
  return {
    ...state,
    loaded: true,
    rules: [...rules.filter(({ family }) => family === 'v4'), ...rules.filter(({ family }) => family === 'v6')],
  }
}

/**
 * A rule of ufw, by what it is about: another `rule` for the same traffic takes its place. It counts at once where ufw is
 * enabled, which `ufw` does. The first rule that fits a packet decides; new ones come last. Rules of application profiles,
 * for forwarded packets and with ports of the sender are left alone.
 * @example
 * await host.ensure(ufwRule({ rule: 'allow', from: '10.0.0.0/8', port: 5432, proto: 'tcp', comment: 'database' }))
 */
export function ufwRule(options: UfwRuleOptions): Resource {
  const {
    rule,
    direction = 'in',
    interface: name,
    port,
    proto = 'any',
    comment,
    state,
    mayDisconnect = false,
  } = options
  const wrong = (message: string) => new TsplayError('OPTIONS', `ufw rule: ${message}`)
  if (!/^(?:allow|deny|limit|reject)$/.test(certain(rule))) throw wrong(`${JSON.stringify(rule)} is none`)
  if (!/^(?:in|out)$/.test(direction)) throw wrong(`${JSON.stringify(direction)} is no direction: in or out`)
  if (!/^(?:tcp|udp|ah|esp|gre|any)$/.test(certain(proto))) throw wrong(`${JSON.stringify(proto)} is no protocol`)
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,14}$/.test(certain(name))) {
    throw wrong(`${JSON.stringify(name.slice(0, 80))} can not name an interface`)
  }
  if (port !== undefined && (proto === 'ah' || proto === 'esp' || proto === 'gre')) throw wrong(`${proto} has no ports`)
  // What ufw takes in a comment: no quotes, and no line ends.
  if (comment !== undefined && !/^[^\0-\x1f\x7f'"]{1,200}$/.test(certain(comment))) {
    throw wrong(`${JSON.stringify(comment.slice(0, 80))} can not be a comment: one line, without quotes`)
  }
  const [from, to] = [network(options.from), network(options.to)]
  const families = [
    ...new Set(
      [from, to].flatMap((it) => (it === undefined ? [] : ([isIPv6(it.split('/')[0] ?? '') ? 'v6' : 'v4'] as const))),
    ),
  ]
  if (families.length > 1) throw wrong('from and to are not of one family of addresses')
  const ports = portsText(port, proto)
  const words = [
    direction,
    name && `on ${name}`,
    from && `from ${from}`,
    to && `to ${to}`,
    ports !== 'any' && `port ${ports}`,
    proto !== 'any' && proto,
  ]
  return definition({
    what: words.filter(Boolean).join(' '),
    action: rule,
    family: families[0],
    way: direction,
    interface: name,
    from,
    to,
    port: ports,
    proto,
    comment,
    absent: state === 'absent',
    mayDisconnect,
  })
}
