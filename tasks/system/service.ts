import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { checkedUnit, unitProbe, type UnitState } from '../../runner/model/facts-of/unit.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { serviceStep } from './service-script.ts'

export interface ServiceOptions {
  /** The unit: `nginx` means `nginx.service`; `fstrim.timer`, `docker.socket` as they are. With OpenRC, the service. */
  readonly name: string
  /** Whether it is to run now. Left out, only what is due (`onChange`) is done to it, where it runs. */
  readonly running?: boolean
  /** Whether it is to start at boot; with OpenRC, in the runlevel `default`, or in whichever it is already. */
  readonly enabled?: boolean
  /** Whether starting it is made impossible (systemctl mask); OpenRC has no such thing. */
  readonly masked?: boolean
  /** Limit for starting or stopping, in milliseconds. @default 3 minutes */
  readonly timeoutMs?: number
}

export interface ServiceOut {
  /** The unit's whole name. */
  readonly unit: string
}

interface State {
  readonly unit: UnitState
}

const definition = resource<ServiceOptions, State, ServiceOut>({
  kind: 'service',
  id: ({ name }) => checkedUnit(name),
  validate({ name, running, enabled, masked }) {
    if (masked && (running || enabled)) {
      throw new TsplayError('OPTIONS', `service ${checkedUnit(name)}: what is masked can neither run nor be enabled`)
    }
  },
  probes: ({ name }) => ({ unit: unitProbe(name) }),
  diff(options, { unit }) {
    const found = certain(unit)
    checkUnit(options, found)
    return [...installChanges(options, found), ...runChanges(options, found)]
  },
  apply: (options, changes, { unit }) => [serviceStep(options, changes, unit)],
  after(options, { unit }) {
    const changes = runChanges(options, unit)
    const starts = changes.some(({ field, after }) => field === 'restart' || (field === 'running' && after === true))
    const stops = changes.some(({ field, after }) => field === 'running' && after === false)
    return {
      unit: {
        init: unit.init,
        load: options.masked ? 'masked' : options.masked === false ? 'loaded' : unit.load,
        active: starts ? 'active' : stops ? 'inactive' : unit.active,
        sub: starts ? unknown('it depends on the kind of unit') : stops ? 'dead' : unit.sub,
        running: starts ? 'running' : stops ? 'stopped' : unit.running,
        enabled: enabledAfter(options, unit),
        invocationId: starts
          ? unknown('systemd gives each start another')
          : stops
            ? unknown('systemd forgets a unit that nothing needs')
            : unit.invocationId,
        needDaemonReload: changes.length > 0 ? false : unit.needDaemonReload,
        due: changes.length > 0 ? { restart: false, reload: false } : unit.due,
      },
    }
  },
  out: ({ name }) => ({ unit: checkedUnit(name) }),
})

function checkUnit({ name, running, enabled, masked }: ServiceOptions, found: UnitState): void {
  const what = `service ${checkedUnit(name)}`
  if (found.load === 'no-init') {
    throw new TsplayError('COMMAND', `${what}: neither systemd nor OpenRC runs on this host`, {
      hint: 'a container or another init system? Leave the service out there: if ((await host.facts).init !== "unknown")',
    })
  }
  if (found.init === 'openrc' && masked) {
    throw new TsplayError('OPTIONS', `${what}: OpenRC, which this host has, can not mask it`, {
      hint: 'say enabled: false and running: false there',
    })
  }
  const wanted = running === true || enabled === true
  if (found.load === 'not-found' && wanted) {
    throw new TsplayError('COMMAND', `${what}: there is no such unit on this host`, {
      hint: `install its package first, or look for the name with: ${found.init === 'openrc' ? 'rc-service --list' : 'systemctl list-unit-files'}`,
    })
  }
  if (isMasked(found) && wanted && masked === undefined) {
    throw new TsplayError('COMMAND', `${what}: it is masked, so it can not be started`, {
      hint: 'say masked: false to take that away',
    })
  }
}

const isMasked = ({ load, enabled }: UnitState) => load === 'masked' || enabled.startsWith('masked')

/** `UnitFileState` that `systemctl enable` would not change for the better (systemctl(1), is-enabled). */
const fixed = new Set(['static', 'indirect', 'alias', 'generated', 'transient'])

const isEnabled = ({ enabled }: UnitState) => certain(enabled) === 'enabled' || certain(enabled) === 'enabled-runtime'

function installChanges({ enabled, masked }: ServiceOptions, found: UnitState): Change[] {
  const changes: Change[] = []
  if (masked !== undefined && isMasked(found) !== masked) {
    changes.push({ field: 'masked', before: !masked, after: masked })
  }
  const settled = fixed.has(found.enabled) && !isMasked(found)
  const gone = found.load === 'not-found' && enabled === false
  if (enabled !== undefined && !settled && !gone && !(enabled === false && isMasked(found))) {
    const runtimeOnly = enabled && found.enabled === 'enabled-runtime'
    if (isEnabled(found) !== enabled || runtimeOnly) {
      changes.push({ field: 'enabled', before: runtimeOnly ? 'until the next boot' : !enabled, after: enabled })
    }
  }
  return changes
}

function enabledAfter(options: ServiceOptions, unit: UnitState): string {
  if (options.masked) return 'masked'
  const changes = installChanges(options, unit)
  if (changes.some(({ field }) => field === 'enabled')) return options.enabled ? 'enabled' : 'disabled'
  const unmasks = changes.some(({ field }) => field === 'masked')
  return unmasks ? unknown('what it was before it was masked') : unit.enabled
}

/** What is to be done to what runs, and what is due. */
function runChanges({ running }: ServiceOptions, found: UnitState): Change[] {
  const state = certain(found.running)
  const stopped = state === 'stopped' || state === 'failed'
  if (running === false) return stopped ? [] : [{ field: 'running', before: true, after: false }]
  if (running === true && state !== 'running') {
    return [{ field: 'running', before: state === 'stopped' ? false : beforeOf[state], after: true }]
  }
  if (stopped) return []
  if (certain(found.due.restart)) return [{ field: 'restart', before: undefined, after: true }]
  if (certain(found.due.reload)) return [{ field: 'reload', before: undefined, after: true }]
  return []
}

const beforeOf = {
  starting: 'starting',
  stopping: 'stopping',
  failing: 'failing: it starts again and again',
  failed: 'failed',
} as const

/**
 * A systemd unit, or a service of OpenRC: whether it runs, and whether it starts at boot. Where a change has called for a restart or a reload
 * (`onChange`), that is done here, a restart in place of a start where both are called for. A unit that fails right after
 * its start, or starts again and again, is an error with the end of its journal; OpenRC keeps none.
 * @example
 * await host.ensure(file({ path: '/etc/ntp.conf', source: 'ntp.conf' }), { onChange: restart('ntp') })
 * await host.ensure(service({ name: 'ntp', enabled: true, running: true }))
 */
export const service = (options: ServiceOptions): Resource<ServiceOut> => definition(options)
