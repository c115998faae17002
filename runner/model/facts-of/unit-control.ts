import { quote } from '../quote.ts'
import { openrcName, openrcTest, openrcUp } from './openrc.ts'

/** How units are reloaded that systemd of old has no ExecReload for: networkd since 244, its unit since 248 alone. */
const reloads: Readonly<Record<string, string>> = {
  'systemd-networkd.service': 'networkctl reload',
  'systemd-udevd.service': 'udevadm control --reload',
}

/**
 * Shell functions for who starts a unit. `control VERB` has it started, stopped, restarted or reloaded, and `forgive` lets
 * it be started that has failed too often in a row (StartLimitBurst). `lives` is false when it did not survive its start:
 * `systemctl start` is content once a simple service's process exists (systemd.service(5), Type=), so that is seen a moment
 * later, also when systemd has started it anew by then (NRestarts). `journal` prints the end of its journal on standard
 * error, with what journald had not written yet (journalctl(1), --sync), for which it waits 5 seconds at most.
 *
 * OpenRC keeps no journal, and starts nothing that it has as started though its process is gone: it is told to forget that.
 */
export function controlLibrary(unit: string): string {
  const name = quote(unit)
  const service = quote(openrcName(unit) ?? unit)
  return `if ${openrcTest};then
status() { ${openrcUp(unit)}; }
control() { rc-service ${service} "$1" </dev/null >&2; }
forgive() { status || rc-service -q ${service} zap </dev/null >/dev/null 2>&1; }
lives() { sleep 0.5 2>/dev/null || sleep 1; status; }
journal() { :; }
else
control() { ${reloads[unit] === undefined ? '' : `[ "$1" != reload ] || { ${reloads[unit]}; return; }; `}systemctl "$1" -- ${name}; }
forgive() { systemctl reset-failed -- ${name} 2>/dev/null; }
state() { systemctl show -p ActiveState -p SubState -p NRestarts -- ${name}; }
restarts() { s=$(state); case $s in (*NRestarts=*)s=\${s#*NRestarts=};printf %s "\${s%%
*}";;esac; }
lives() {
n=$(restarts)
for t in 0.1 0.4;do
sleep $t 2>/dev/null || sleep 1
case $(state) in (*ActiveState=failed*|*SubState=auto-restart*)return 1;;esac
[ "$(restarts)" = "$n" ] || return 1
done
}
journal() {
timeout 5 journalctl --sync >/dev/null 2>&1
journalctl --no-pager -q -n 15 -o cat -u ${name} >&2 2>/dev/null
}
fi`
}
