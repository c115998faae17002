import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain, unknownReason } from '../../runner/model/unknown.ts'
import { ownedFileAfter } from './owned-file.ts'

export interface TimezoneOptions {
  /** A name of the tz database, such as `Europe/Berlin` or `UTC`. */
  readonly name: string
}

interface State {
  /** What the C library goes by (localtime(5)). */
  readonly localtime: PathState
  /** The name in a file of its own, as Debian and Alpine keep it; kept right where it is there. */
  readonly named: PathState
  readonly zone: PathState
}

const zones = '/usr/share/zoneinfo'
const localtime = '/etc/localtime'
const named = '/etc/timezone'

const zoneOf = (target: string): string => target.replace(/^.*\/zoneinfo\//, '')

/** The name of the zone, where a link tells it; a copy of the file does not. */
function current(state: PathState): string | undefined {
  const found = certain(state)
  if (found.kind === 'absent') return undefined
  return found.kind === 'link' ? zoneOf(certain(found.target)) : `a ${found.kind} without a name`
}

function nameFile({ name }: TimezoneOptions, state: PathState): Change[] {
  const file = resolved(certain(state))
  if (file.kind !== 'file' || certain(file.content) === `${name}\n`) return []
  return [{ field: named, before: file.content, after: `${name}\n`, text: true }]
}

const definition = resource<TimezoneOptions, State, { readonly name: string }>({
  kind: 'timezone',
  // A host has one.
  id: () => 'of the host',
  validate({ name }) {
    if (/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+){0,3}$/.test(certain(name)) && name.length < 100) return
    throw new TsplayError('OPTIONS', `timezone: ${JSON.stringify(name.slice(0, 80))} is no name of a time zone`, {
      hint: 'as in timedatectl list-timezones: Europe/Berlin, America/New_York, UTC',
    })
  },
  probes: ({ name }) => ({
    localtime: pathProbe(localtime, { digest: false }),
    named: pathProbe(named, { content: 'always' }),
    zone: pathProbe(`${zones}/${name}`, { digest: false }),
  }),
  diff(options, state): Change[] {
    const { name } = options
    if (resolved(certain(state.zone)).kind !== 'file') {
      throw new TsplayError('COMMAND', `timezone ${name}: there is no ${zones}/${name} on the host`, {
        hint: 'is the name misspelt, or is the package tzdata missing?',
      })
    }
    const before = current(state.localtime)
    return [...(before === name ? [] : [{ field: 'timezone', before, after: name }]), ...nameFile(options, state.named)]
  },
  apply({ name }, changes): Step[] {
    const differs = (field: string) => changes.some((change) => change.field === field)
    return [
      ...(differs(named) ? [{ upload: `${name}\n`, to: named }] : []),
      ...(differs('timezone') ? [{ script: linkScript(name), hint: 'Does the play become root?' }] : []),
    ]
  },
  after({ name }, { localtime: link, named: file, zone }) {
    const target = `../usr/share/zoneinfo/${name}`
    const kept = unknownReason(link) === undefined && current(link) === name
    return {
      localtime: kept ? link : { kind: 'link', target, resolved: resolved(zone) },
      named: resolved(file).kind === 'file' ? ownedFileAfter(file, `${name}\n`) : file,
      zone,
    }
  },
  out: ({ name }) => ({ name }),
})

/**
 * As systemd writes it, relative to /etc; made beside its place, by a name that is the same for every run, and renamed over
 * what is there, which is no directory.
 */
const linkScript = (name: string) => `t=/etc/.tsplay-localtime
trap 'rm -f "$t"' EXIT
rm -f "$t"
ln -s ${quote(`../usr/share/zoneinfo/${name}`)} "$t"&&mv -f "$t" ${localtime}`

/**
 * The host's time zone: where `/etc/localtime` leads, and `/etc/timezone` where there is one. The zone's file has to be
 * there (package tzdata). Programs that run keep the zone they began with: restart those that go by the clock, such as
 * cron. The clock itself, and whether the hardware's is in UTC, stay as they are.
 * @example
 * await host.ensure(timezone({ name: 'Europe/Berlin' }), { onChange: restart('cron') })
 */
export const timezone = (options: TimezoneOptions): Resource<{ readonly name: string }> => definition(options)
