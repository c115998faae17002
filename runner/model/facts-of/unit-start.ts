import { quote } from '../quote.ts'

/**
 * Shell functions for who has just started a unit. `lives` is false when it did not survive its start: `systemctl start`
 * is content once a simple service's process exists (systemd.service(5), Type=), so that is seen a moment later, also
 * when systemd has started it anew by then (NRestarts). `journal` prints the end of its journal on standard error, with
 * what journald had not written yet (journalctl(1), --sync), for which it waits 5 seconds at most.
 */
export const startLibrary = (unit: string): string => `\
state() { systemctl show -p ActiveState -p SubState -p NRestarts -- ${quote(unit)}; }
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
journalctl --no-pager -q -n 15 -o cat -u ${quote(unit)} >&2 2>/dev/null
}`
