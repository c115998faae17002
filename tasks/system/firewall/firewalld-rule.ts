import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { ScriptStep } from '../../../runner/model/step.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { firewalldAdmits } from './firewalld-admits.ts'
import { firewalldProbe, type FirewalldState, type FirewalldZone } from './firewalld-state.ts'
import { type FirewalldThing, type FirewalldThingOptions, sourceText, thingOf } from './firewalld-thing.ts'
import { cutsOff, type SshConnection, sshConnectionProbe } from './ssh-connection.ts'

export type FirewalldRuleOptions = FirewalldThingOptions & {
  /** @default the default zone of firewalld */
  readonly zone?: string
  /** `runtime`: what it does now; `permanent`: what it does after a reload or a reboot. @default 'both' */
  readonly scope?: 'both' | 'runtime' | 'permanent'
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
  /** Whether it may cut off the SSH connection that the host is reached by. @default false */
  readonly mayDisconnect?: boolean
}

type Scope = 'runtime' | 'permanent'

interface Wanted {
  readonly what: string
  readonly thing: FirewalldThing
  readonly zone: string | undefined
  readonly scopes: readonly Scope[]
  readonly present: boolean
  readonly mayDisconnect: boolean
}

interface State {
  readonly firewalld: FirewalldState
  readonly connection: SshConnection | undefined
}

const definition = resource<Wanted, State, object>({
  kind: 'firewalld-rule',
  id: ({ what, scopes }) => `${what} ${scopes.join(' ')}`,
  probes: () => ({ firewalld: firewalldProbe(), connection: sshConnectionProbe() }),
  diff(wanted, { firewalld, connection }): Change[] {
    const { what, scopes, present, mayDisconnect } = wanted
    const found = certain(firewalld)
    if (!found.installed && !present) return []
    checkDaemon(wanted, found)
    const changes = scopes.flatMap((scope): Change[] => {
      const before = held(zoneOf(wanted, found, scope), wanted.thing) !== undefined
      return before === present ? [] : [{ field: scope, before, after: present }]
    })
    if (connection && !mayDisconnect && changes.length > 0) {
      const next = withThing(wanted, found)
      const shut = scopes.some(
        (scope) => firewalldAdmits(found[scope], found, connection) && !firewalldAdmits(next[scope], next, connection),
      )
      if (shut) throw cutsOff(what, connection, `let port ${connection.port} in by another rule first`)
    }
    return changes
  },
  apply: (wanted, changes, { firewalld }): ScriptStep[] => [
    {
      script: `PATH=$PATH:/usr/sbin:/sbin\n${changes.map(({ field }) => command(wanted, firewalld, field as Scope)).join('&&\n')}`,
      // Zones' files are written in place.
      onDisconnect: 'finish',
      hint: 'Does the play become root?',
    },
  ],
  after: (wanted, state) => ({ ...state, firewalld: withThing(wanted, state.firewalld) }),
  out: () => ({}),
})

function checkDaemon({ what, scopes }: Wanted, { installed, daemon, said }: FirewalldState): void {
  if (!installed) {
    throw new TsplayError('COMMAND', `${what}: there is no firewalld on this host`, { hint: 'install firewalld first' })
  }
  if (daemon === 'silent') {
    throw new TsplayError('COMMAND', `${what}: firewalld does not answer: ${said}`, {
      hint: 'Does the play become root?',
    })
  }
  if (daemon === 'stopped' && scopes.includes('runtime')) {
    throw new TsplayError('COMMAND', `${what}: firewalld does not run`, {
      hint: "let it run first: await host.ensure(service({ name: 'firewalld', running: true, enabled: true })), or say scope: 'permanent'",
    })
  }
}

function command({ thing, zone, present }: Wanted, state: FirewalldState, scope: Scope): string {
  const { option } = thing
  const offline = state.daemon === 'stopped'
  // An interface or source that another zone has is taken over.
  const add = option === 'interface' || option === 'source' ? 'change' : 'add'
  // firewall-offline-cmd(1) has an older meaning for the word without its end.
  const remove = offline && option === 'service' ? 'service-from-zone' : option
  const name = zone ?? state.defaultZone
  const text = written(thing, state[scope])
  const words = [
    offline ? 'firewall-offline-cmd' : 'firewall-cmd',
    ...(scope === 'permanent' && !offline ? ['--permanent'] : []),
    `--zone=${quote(name)}`,
    `--${present ? `${add}-${option}` : `remove-${remove}`}${text === '' ? '' : `=${quote(text)}`}`,
    // What is wrong goes to the other stream.
    '>/dev/null',
  ]
  return words.join(' ')
}

function zoneOf({ what, zone }: Wanted, state: FirewalldState, scope: Scope): FirewalldZone {
  const name = zone ?? state.defaultZone
  const found = state[scope].find((one) => one.name === name)
  if (found) return found
  throw new TsplayError('COMMAND', `${what}: there is no zone ${name}`, {
    hint: `it has ${state[scope].map((one) => one.name).join(', ')}`,
  })
}

/** What a zone has of it, as the zone has it written. */
function held(zone: FirewalldZone, { list, value }: FirewalldThing): string | undefined {
  if (list === 'masquerade') return zone.masquerade ? '' : undefined
  return zone[list].find((it) => (list === 'sources' ? sourceText(it) : it) === value)
}

/** As a zone has it written, or as it is asked for. */
const written = (thing: FirewalldThing, zones: readonly FirewalldZone[]): string =>
  zones.map((one) => held(one, thing)).find((it) => it !== undefined) ?? thing.value

/** Zones with and without it. */
function withThing(wanted: Wanted, state: FirewalldState): FirewalldState {
  const { thing, zone, present, scopes } = wanted
  const name = zone ?? state.defaultZone
  const moves = thing.list === 'interfaces' || thing.list === 'sources'
  const changed = (one: FirewalldZone, _: number, zones: readonly FirewalldZone[]): FirewalldZone => {
    const has = held(one, thing)
    const had = has !== undefined
    const keeps = one.name === name ? present : had && !(moves && present)
    if (had === keeps) return one
    if (thing.list === 'masquerade') return { ...one, masquerade: keeps }
    const items = one[thing.list]
    return {
      ...one,
      [thing.list]: keeps ? [...items, written(thing, zones)].toSorted() : items.filter((it) => it !== has),
    }
  }
  const of = (scope: Scope) => (scopes.includes(scope) ? state[scope].map(changed) : state[scope])
  return { ...state, runtime: of('runtime'), permanent: of('permanent') }
}

/**
 * What a zone of firewalld lets in, and which zone is whose, now and at boot: a service, a port, a source, an interface, a
 * rich rule and more. firewalld has to run, but for `scope: 'permanent'`. What would shut the SSH connection out that the host
 * is reached by is refused, as far as zones and their rules tell: policies, sets of addresses and direct rules are not looked
 * at.
 * @example
 * await host.ensure([
 *   firewalldRule({ service: 'https' }),
 *   firewalldRule({ port: '8000-8100/tcp', zone: 'internal' }),
 *   firewalldRule({ source: '10.0.0.0/8', zone: 'internal' }),
 *   firewalldRule({ richRule: 'rule family=ipv4 source address=192.0.2.0/24 reject' }),
 * ])
 */
export function firewalldRule(options: FirewalldRuleOptions): Resource {
  const { zone, scope = 'both', state, mayDisconnect = false } = options
  if (zone !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_-]{0,16}$/.test(certain(zone))) {
    throw new TsplayError('OPTIONS', `firewalld: ${JSON.stringify(zone.slice(0, 80))} can not name a zone`)
  }
  if (!/^(?:both|runtime|permanent)$/.test(scope)) {
    throw new TsplayError('OPTIONS', `firewalld: ${JSON.stringify(scope)} is no scope: both, runtime or permanent`)
  }
  const thing = thingOf(options)
  const words = ['firewalld', thing.option, thing.value, zone && `in ${zone}`]
  return definition({
    what: words.filter(Boolean).join(' '),
    thing,
    zone,
    scopes: scope === 'both' ? ['runtime', 'permanent'] : [scope],
    present: state !== 'absent',
    mayDisconnect,
  })
}
