import type { Change } from '../../runner/model/change.ts'
import { dueFolder } from '../../runner/model/facts-of/due.ts'
import { openrcName } from '../../runner/model/facts-of/openrc.ts'
import { controlLibrary } from '../../runner/model/facts-of/unit-control.ts'
import { checkedUnit, type UnitState } from '../../runner/model/facts-of/unit.ts'
import { quote } from '../../runner/model/quote.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import type { ServiceOptions } from './service.ts'

/** The step that makes a unit as asked: unmask and enable first, what runs after it, mask last. */
export function serviceStep(options: ServiceOptions, changes: readonly Change[], found: UnitState): ScriptStep {
  const unit = checkedUnit(options.name)
  const name = quote(unit)
  const change = (field: string) => changes.find((one) => one.field === field)
  if (found.init === 'openrc') return openrcStep(options, change, found)
  const masked = change('masked')
  const enabled = change('enabled')
  const lines = [prelude(unit, name)]
  if (masked?.after === false) lines.push(`systemctl unmask -- ${name} || exit 1`)
  // A unit file that systemd has not read yet would be started as it was before.
  lines.push(`[ "$(get NeedDaemonReload)" != yes ] || systemctl daemon-reload || exit 1`)
  if (enabled) lines.push(`systemctl ${enabled.after ? 'enable' : 'disable'} -- ${name} || exit 1`)
  // Taking the mask away shows whether the unit was enabled beneath it.
  else if (masked?.after === false && options.enabled !== undefined) {
    lines.push(`systemctl ${options.enabled ? 'enable' : 'disable'} -- ${name} || exit 1`)
  }
  lines.push(...runLines(unit, change, found))
  if (masked?.after === true) lines.push(`systemctl mask -- ${name} || exit 1`)
  return {
    script: lines.join('\n'),
    timeoutMs: options.timeoutMs ?? 180_000,
    hint: `Does the play become root? What became of it: journalctl -u ${unit}`,
  }
}

type ChangeOf = (field: string) => Change | undefined

/**
 * The same for a service of OpenRC: it is enabled in the runlevel `default`, unless it is in one already, and disabled in
 * all (rc-update(8)).
 */
function openrcStep(options: ServiceOptions, change: ChangeOf, found: UnitState): ScriptStep {
  const unit = checkedUnit(options.name)
  const service = quote(openrcName(unit) ?? unit)
  const enabled = change('enabled')
  const lines = [
    controlLibrary(unit),
    `failed() { printf '%s is not running: rc-service %s status\\n' ${service} ${service} >&2; exit 1; }`,
    ...(enabled ? [enabled.after ? `rc-update -q add ${service} default || exit 1` : disable(service)] : []),
    ...runLines(unit, change, found),
  ]
  return {
    script: lines.join('\n'),
    timeoutMs: options.timeoutMs ?? 180_000,
    hint: `Does the play become root? What became of it: rc-service ${openrcName(unit) ?? unit} status`,
  }
}

/** `rc-update -a del` fails wherever a service is not in every runlevel. */
const disable = (service: string) =>
  `for l in /etc/runlevels/*/${service};do [ ! -L "$l" ] || { l=\${l%/*}; rc-update -q del ${service} "\${l##*/}" || exit 1; };done`

function runLines(unit: string, change: ChangeOf, found: UnitState): string[] {
  const marks = (actions: readonly string[]) =>
    `rm -f ${actions.map((action) => quote(`${dueFolder}/${action}-${unit}`)).join(' ')}`
  const running = change('running')
  if (running?.after === false) return ['control stop || failed', marks(['restart', 'reload'])]
  if (change('reload')) return ['control reload || failed', 'lives || failed', marks(['reload'])]
  if (!running && !change('restart')) return []
  const again = found.running === 'failed' || found.running === 'failing'
  const verb = change('restart') || found.running === 'failing' || found.due.restart ? 'restart' : 'start'
  return [...(again ? ['forgive'] : []), `control ${verb} || failed`, 'lives || failed', marks(['restart', 'reload'])]
}

const prelude = (unit: string, name: string) => `get() { systemctl show -p "$1" --value -- ${name}; }
${controlLibrary(unit)}
failed() {
printf '%s\\n' "its state is $(get ActiveState) ($(get SubState)), result $(get Result), exit status $(get ExecMainStatus)" >&2
journal
printf '%s is not running: see the lines of its journal above, or: journalctl -u %s\\n' ${name} ${name} >&2
exit 1
}`
