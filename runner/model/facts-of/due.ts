import { quote } from '../quote.ts'
import type { Probe } from '../probe.ts'
import type { Trigger } from '../trigger.ts'
import { openrcInvocation, openrcTest, openrcUp } from './openrc.ts'
import { controlLibrary } from './unit-control.ts'
import { typed } from '../typed-question.ts'

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
const invocationOf = (
  unit: string,
) => `if ${openrcTest};then ${openrcInvocation(unit)};else s=$(systemctl show -p ActiveState -p InvocationID -- ${quote(unit)} 2>/dev/null)
case $s in (*ActiveState=inactive*|*ActiveState=failed*);;(*)s=\${s#*InvocationID=};printf %s "\${s%%
*}";;esac;fi`

/** In place of an id: the unit was restarted because of this, and did not come up. */
const failedMark = 'failed'

/** Shell text that notes what a change will call for, and fails where it can't; run before the change's first write. */
export function dueMarkScript(triggers: readonly Trigger[]): string {
  const marks = triggers.map((trigger) => {
    const path = quote(marker(trigger))
    if (trigger.action === 'daemon-reload') return `: > ${path} || exit 1`
    // What is not running has nothing to be restarted: it starts with the change made. An id of an earlier run of the
    // unit is out of date: what it was noted for is settled, and this change is not.
    return `i=$(${invocationOf(trigger.unit)})
[ -z "$i" ] || [ "$(cat ${path} 2>/dev/null)" = "$i" ] || { printf %s "$i" > ${path}.new && mv -f ${path}.new ${path}; } || exit 1`
  })
  return ['umask 077', `mkdir -p ${dueFolder} || exit 1`, ...marks].join('\n')
}

/** Shell text that is true while a trigger is due. A unit that a restart of ours left broken is due until it is up. */
export function dueTest(trigger: Trigger): string {
  const path = quote(marker(trigger))
  if (trigger.action === 'daemon-reload') return `[ -e ${path} ]`
  return `{ [ -s ${path} ] && case $(cat ${path}) in
(${failedMark}) ${failedTest(trigger.unit)} ;;
(*) [ "$(cat ${path})" = "$(${invocationOf(trigger.unit)})" ] ;;
esac; }`
}

/** Shell test: a unit is not up. */
const failedTest = (unit: string) =>
  `if ${openrcTest};then ! ${openrcUp(unit)}
else case $(systemctl show -p ActiveState -- ${quote(unit)}) in (*=failed|*=activating) ;; (*) false ;; esac;fi`

/** Whether an earlier run left this due. */
export const dueProbe = typed('due', (action: Trigger['action'], unit: string): Probe<boolean> => ({
  fact: `due:${action}:${unit}`,
  contained: true,
  script: `if ${dueTest({ action, unit })}; then echo due; fi`,
  parse: (raw) => raw.trim() === 'due',
}))

/**
 * Shell text that does what is due, says so on standard output, and clears the note; does nothing where nothing is due.
 * A unit that does not survive its restart is an error with the end of its journal, and stays due.
 */
export function settleScript(trigger: Trigger): string {
  const path = quote(marker(trigger))
  if (trigger.action === 'daemon-reload')
    return `if ${dueTest(trigger)}; then systemctl daemon-reload || exit 1; echo done; fi\nrm -f ${path}`
  if (trigger.action === 'reload')
    return `${controlLibrary(trigger.unit)}\nif ${dueTest(trigger)}; then control reload || exit 1; echo done; fi\nrm -f ${path}`
  return `${controlLibrary(trigger.unit)}
if ${dueTest(trigger)}; then
[ "$(cat ${path})" != ${failedMark} ] || forgive
control restart && { lives || { printf 'it fails right after its start\\n' >&2; false; }; } || {
printf ${failedMark} > ${path}
journal
exit 1
}
echo done
fi
rm -f ${path} ${quote(marker({ ...trigger, action: 'reload' }))}`
}
