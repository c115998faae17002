import { quote } from '../quote.ts'

/** Shell test: OpenRC looks after this host's services (openrc(8) says there which runlevel it is in). */
export const openrcTest = '[ -e /run/openrc/softlevel ]'

/** A service as OpenRC names it: units of systemd other than services have no like there. */
export const openrcName = (unit: string): string | undefined =>
  unit.endsWith('.service') ? unit.slice(0, -'.service'.length) : undefined

/** Shell test: a service of OpenRC runs, as its own look finds it. */
export const openrcUp = (unit: string): string =>
  `rc-service -q ${quote(openrcName(unit) ?? unit)} status </dev/null >/dev/null 2>&1`

/**
 * Shell text that prints what tells this run of a service from others, and nothing where it is not started: the link that
 * OpenRC makes when it starts it (librc, rc_service_mark), which a restart takes away and makes anew.
 */
export const openrcInvocation = (unit: string): string =>
  `stat -c %i.%Z ${quote(`/run/openrc/started/${openrcName(unit) ?? ''}`)} 2>/dev/null`

/**
 * `openrc_fact UNIT` tells of a service in the words of `systemctl show`. It is asked after itself only where OpenRC has it
 * as started, since that starts a shell: 32 is a service whose process is gone, and 3 one whose own look finds it stopped
 * (rc-service(8), and service(8) of the LSB).
 */
export const openrcLibrary = `openrc_fact() {
n=\${1%.service} l=loaded a=inactive s=dead e=disabled i=
if [ "$n" = "$1" ]||! [ -f "/etc/init.d/$n" ];then l=not-found e=
else
for f in /etc/runlevels/*/"$n";do if [ -e "$f" ];then e=enabled;fi;done
if [ -L "/run/openrc/started/$n" ];then
i=$(stat -c %i.%Z "/run/openrc/started/$n") a=active s=running
rc-service -q "$n" status </dev/null >/dev/null 2>&1||case $? in 32)a=failed s=crashed;;3)a=inactive s=dead;;esac
elif [ -L "/run/openrc/starting/$n" ]||[ -L "/run/openrc/inactive/$n" ];then a=activating s=start
elif [ -L "/run/openrc/stopping/$n" ];then a=deactivating s=stop
elif [ -L "/run/openrc/failed/$n" ];then a=failed s=failed;fi
fi
printf '%s\\n' Init=openrc LoadState=$l ActiveState=$a SubState=$s UnitFileState=$e InvocationID=$i NeedDaemonReload=no
}`
