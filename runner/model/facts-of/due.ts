import { quote } from '../quote.ts'
import type { Probe } from '../probe.ts'
import type { Trigger } from '../trigger.ts'

/**
 * Where it is noted that a unit is to be restarted or reloaded: a file per action and unit, holding the invocation id
 * that the unit had when the change was begun (systemd.exec(5), `$INVOCATION_ID`). It is due while the unit still has
 * that id: a restart by anybody clears it, and no clock is asked. /run is empty after a reboot, as it should be.
 */
export const dueFolder = '/run/tsplay/due'

const marker = ({ action, unit }: Trigger): string => `${dueFolder}/${action}${unit === '' ? '' : `-${unit}`}`

/**
 * Shell text that prints the invocation id of a unit that is up, and nothing for any other: systemd remembers the id of
 * what was stopped, which must not be started because of that.
 */
const invocationOf = (unit: string) => `s=$(systemctl show -p ActiveState -p InvocationID -- ${quote(unit)} 2>/dev/null)
case $s in (*ActiveState=inactive*|*ActiveState=failed*);;(*)s=\${s#*InvocationID=};printf %s "\${s%%
*}";;esac`

/** Shell text that notes what a change will call for; run before the change's first write. */
export function dueMarkScript(triggers: readonly Trigger[]): string {
  const marks = triggers.map((trigger) => {
    const path = quote(marker(trigger))
    if (trigger.action === 'daemon-reload') return `: > ${path}`
    // What is not running has nothing to be restarted: it starts with the change made.
    return `[ -e ${path} ] || { i=$(${invocationOf(trigger.unit)}); [ -z "$i" ] || printf %s "$i" > ${path}; }`
  })
  return ['umask 077', `mkdir -p ${dueFolder} || exit 1`, ...marks].join('\n')
}

/** Shell text that is true while a trigger is due. */
export function dueTest(trigger: Trigger): string {
  const path = quote(marker(trigger))
  if (trigger.action === 'daemon-reload') return `[ -e ${path} ]`
  return `{ [ -s ${path} ] && [ "$(cat ${path})" = "$(${invocationOf(trigger.unit)})" ]; }`
}

/** Whether an earlier run left this due. */
export const dueProbe = (trigger: Trigger): Probe<boolean> => ({
  fact: `due:${trigger.action}:${trigger.unit}`,
  script: `if ${dueTest(trigger)}; then echo due; fi`,
  parse: (raw) => raw.trim() === 'due',
})

/** Shell text that does what is due, says so on standard output, and clears the note; does nothing where nothing is due. */
export function settleScript(trigger: Trigger): string {
  const path = quote(marker(trigger))
  const act =
    trigger.action === 'daemon-reload'
      ? 'systemctl daemon-reload'
      : `systemctl ${trigger.action} -- ${quote(trigger.unit)}`
  return `if ${dueTest(trigger)}; then ${act} || exit 1; echo done; fi\nrm -f ${path}`
}
