import { service } from '../../../tasks/system/service.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const script = `printf '#!/sbin/openrc-run\\ncommand=/bin/sleep\\ncommand_args=100000\\ncommand_background=yes\\npidfile=/run/nap.pid\\nextra_started_commands=reload\\nreload() { :; }\\n' >/etc/init.d/nap; chmod 755 /etc/init.d/nap`
const quietly = '</dev/null >/dev/null 2>&1'
const start = `${script}; rc-service nap start ${quietly}`
const due = (action: string) =>
  `mkdir -p /run/tsplay/due; stat -c %i.%Z /run/openrc/started/nap >/run/tsplay/due/${action}-nap.service`
const reset = `rc-service nap stop ${quietly}; rc-service nap zap ${quietly}; rc-update -q -a del nap ${quietly}
[ ! -e /run/nap.pid ] || kill -9 "$(cat /run/nap.pid)" ${quietly}; rm -rf /etc/init.d/nap /run/nap.pid /run/tsplay/due
for d in started starting stopping failed inactive;do rm -f /run/openrc/$d/nap;done; rm -f /run/openrc/exclusive/nap; true`

/** What Debian's OpenRC can't show: it does not note which processes are a service's, so it never finds one crashed. */
export const openrcRow: Row = {
  resource: 'service',
  places: ['openrc'],
  cases: [
    {
      name: 'that runs and is enabled',
      prepare: script,
      make: () => service({ name: 'nap', running: true, enabled: true }),
      drifts: [
        { by: `rc-service nap stop ${quietly}`, sees: [{ field: 'running', before: false, after: true }] },
        { by: `rc-update -q del nap ${quietly}`, sees: [{ field: 'enabled', before: false, after: true }] },
        {
          by: `rc-service nap zap ${quietly}; kill "$(cat /run/nap.pid)"`,
          sees: [{ field: 'running', before: false, after: true }],
        },
      ],
      undo: () => service({ name: 'nap', running: false, enabled: false }),
      leaves: /^\/etc\/runlevels\/default$/,
      reset,
      hostile: {
        name: { make: (name) => service({ name, running: true }), values: hostileTexts, refusal: /no such unit/ },
      },
    },
    {
      name: 'with a restart that is due',
      prepare: `${start}; ${due('restart')}`,
      make: () => service({ name: 'nap' }),
      reset,
    },
    {
      name: 'with a reload that is due',
      prepare: `${start}; ${due('reload')}`,
      make: () => service({ name: 'nap', running: true }),
      reset,
    },
    {
      name: 'to be masked',
      prepare: script,
      make: () => service({ name: 'nap', masked: true }),
      reset,
      refusedOn: { openrc: /OpenRC, which this host has, can not mask it/ },
    },
  ],
}
