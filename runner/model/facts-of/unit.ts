import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { unitName } from '../trigger.ts'
import { typed } from '../typed-question.ts'
import { certain } from '../unknown.ts'
import { dueFolder } from './due.ts'
import { openrcLibrary, openrcTest } from './openrc.ts'

/**
 * Whether a unit runs. `failing`: systemd starts it again and again (activating, auto-restart); `failed`: it gave up.
 */
export type UnitRunning = 'running' | 'starting' | 'stopping' | 'failing' | 'failed' | 'stopped'

/** A systemd unit, as `systemctl show` tells of it, or a service of OpenRC in the same words. */
export interface UnitState {
  /** Who looks after it. */
  readonly init: 'systemd' | 'openrc'
  /** `LoadState`: `loaded`, `not-found`, `masked`, `bad-setting` …; `no-init` where neither systemd nor OpenRC runs. */
  readonly load: string
  /** `ActiveState`: `active`, `inactive`, `activating` … */
  readonly active: string
  /** `SubState`: `running`, `exited`, `dead`, `auto-restart` … */
  readonly sub: string
  readonly running: UnitRunning
  /** `UnitFileState`: `enabled`, `disabled`, `static`, `masked`, `indirect` …; empty where there is no unit file. */
  readonly enabled: string
  /** Which run of the unit this is; empty where it never ran, and with OpenRC where it does not run. */
  readonly invocationId: string
  /** The unit's files were changed since systemd read them. */
  readonly needDaemonReload: boolean
  /** What changes of this or an earlier run have called for, and nobody has done since. */
  readonly due: { readonly restart: boolean; readonly reload: boolean }
}

/** The fact's id of a unit; `nginx` means `nginx.service`. */
export const unitFact = (name: string): string => `unit:${checkedUnit(name)}`

/** The characters of systemd.unit(5); templates need their instance. Throws `TsplayError('OPTIONS')`. */
export function checkedUnit(name: string): string {
  const unit = unitName(certain(name))
  if (/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$/.test(unit) && !unit.includes('@.') && unit.lastIndexOf('.') > 0)
    return unit
  throw new TsplayError('OPTIONS', `${JSON.stringify(name)} can not be the name of a systemd unit`, {
    hint: unit.includes('@.') ? 'name an instance of the template: getty@tty1' : 'write it as systemctl does: nginx',
  })
}

const properties = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'InvocationID', 'NeedDaemonReload']

/**
 * Asks for a unit: one process on the host, or two for one that an init script stands behind; of OpenRC a shell for one
 * that is started.
 */
export const unitProbe = typed('unit', (name: string): Probe<UnitState> => {
  const unit = checkedUnit(name)
  return {
    fact: unitFact(unit),
    library,
    together: { call: 'unit_facts', subject: quote(unit) },
    script: `unit_fact ${quote(unit)}`,
    parse: (raw) => parseUnit(unit, raw),
    absent: ({ load }) => load === 'not-found',
    touches: [`path:/etc/systemd/system/${unit}`],
  }
})

/**
 * `unit_fact UNIT` tells of a unit; what systemctl says of it may be given. `unit_facts LABEL UNIT …` asks for all at once:
 * their blocks have an empty line between them, and names tell whose they are.
 */
const library = `${openrcLibrary}
unit_show() { systemctl show ${properties.map((property) => `-p ${property}`).join(' ')} "$@"; }
unit_fact() { {
if [ -d /run/systemd/system ];then
s=\${2:-$(unit_show -- "$1")}
printf '%s\\n' "$s"
case $s in *UnitFileState=generated*)printf 'InitScript=%s\\n' "$(systemctl is-enabled -- "$1")";;esac
elif ${openrcTest};then openrc_fact "$1"
else echo no-init;fi
for a in restart reload;do
m=${dueFolder}/$a-$1
if [ -s "$m" ];then printf 'due %s %s\\n' "$a" "$(cat "$m")";fi
done
echo end
} 2>/dev/null; }
unit_blocks() {
n=$#
while [ $n -gt 0 ];do set -- "$@" "$2";shift 2;n=$((n-2));done
unit_show -p Names -- "$@"
}
unit_facts() {
[ -d /run/systemd/system ]||return 1
l='
' b=$(unit_blocks "$@" 2>/dev/null)
while [ $# -gt 0 ];do
s=\${b%%"$l$l"*} b=\${b#*"$l$l"} w=\${s%%"$l"*}
case " \${w#Names=} " in *" $2 "*)s=\${s#*"$l"};;*)s=;;esac
mark "$1"
unit_fact "$2" "$s"
shift 2
done
}`

function parseUnit(unit: string, raw: string): UnitState {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(raw)?.[1] ?? ''
  if (raw.startsWith('no-init\n') && raw.endsWith('end\n')) return { ...nothing, load: 'no-init' }
  const load = value('LoadState')
  if (load === '' || !raw.endsWith('end\n')) {
    throw new TsplayError('COMMAND', `unit ${unit}: systemd gave no answer about it`, {
      hint: 'does `systemctl status` work on the host?',
    })
  }
  const active = value('ActiveState')
  const sub = value('SubState')
  const running = runningOf(active, sub)
  const invocationId = value('InvocationID')
  const up = running !== 'stopped' && running !== 'failed'
  const due = (action: string) => up && invocationId !== '' && raw.includes(`\ndue ${action} ${invocationId}\n`)
  return {
    init: value('Init') === 'openrc' ? 'openrc' : 'systemd',
    load,
    active,
    sub,
    running,
    enabled: value('InitScript') || value('UnitFileState'),
    invocationId,
    needDaemonReload: value('NeedDaemonReload') === 'yes',
    due: { restart: due('restart'), reload: due('reload') },
  }
}

/** ActiveState and SubState of org.freedesktop.systemd1(5). */
function runningOf(active: string, sub: string): UnitRunning {
  if (active === 'activating') return sub.startsWith('auto-restart') ? 'failing' : 'starting'
  if (active === 'deactivating') return 'stopping'
  if (active === 'failed') return 'failed'
  return active === 'inactive' || active === 'maintenance' ? 'stopped' : 'running'
}

const nothing: UnitState = {
  init: 'systemd',
  load: 'not-found',
  active: 'inactive',
  sub: 'dead',
  running: 'stopped',
  enabled: '',
  invocationId: '',
  needDaemonReload: false,
  due: { restart: false, reload: false },
}

/** What a unit is like that has just come to be, for predictions. */
export const newUnit = (state: Partial<UnitState> = {}): UnitState => ({
  ...nothing,
  load: 'loaded',
  enabled: 'disabled',
  ...state,
})
