import { cron } from '../../../tasks/system/cron.ts'
import { hostname } from '../../../tasks/system/hostname.ts'
import { hostsEntry } from '../../../tasks/system/hosts-entry.ts'
import { sudoers } from '../../../tasks/system/sudoers.ts'
import { unitFile } from '../../../tasks/system/unit-file.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const content = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
const edited = content.replace('infinity', '99')
const away =
  'systemctl disable --now nap; rm -rf /etc/systemd/system/nap.service /etc/systemd/system/nap.service.d; systemctl daemon-reload; true'

const unitFileRow: Row = {
  resource: 'unitFile',
  cases: [
    {
      name: 'of a service',
      make: () => unitFile({ name: 'nap', content }),
      drifts: [
        {
          by: "sed -i 's/infinity/99/' /etc/systemd/system/nap.service",
          sees: [{ field: 'content', before: edited, after: content, text: true }],
        },
        {
          by: 'rm /etc/systemd/system/nap.service; systemctl daemon-reload',
          sees: [{ field: 'file', before: undefined, after: '/etc/systemd/system/nap.service' }],
        },
        {
          by: 'systemctl start nap; sleep 1.1; touch /etc/systemd/system/nap.service',
          sees: [{ field: 'read by systemd', before: 'an older version', after: 'this one' }],
        },
      ],
      undo: () => unitFile({ name: 'nap', state: 'absent' }),
      leaves: /^\/etc\/systemd\/system$/,
      reset: away,
      hostile: {
        name: { make: (name) => unitFile({ name, content }), values: hostileTexts },
        content: {
          make: (text) => unitFile({ name: 'nap', content: `[Service]\nExecStart=/bin/true\n# ${text}` }),
          values: hostileTexts,
          reads: () => 'cat /etc/systemd/system/nap.service',
          gives: (text) => `[Service]\nExecStart=/bin/true\n# ${text}${text.endsWith('\n') ? '' : '\n'}`,
        },
      },
      refusedOn: { busybox: /no systemd on this host/ },
    },
    {
      name: 'a drop-in',
      prepare: `printf '${content.replaceAll('\n', '\\n')}' >/etc/systemd/system/nap.service; systemctl daemon-reload`,
      make: () => unitFile({ name: 'nap', dropIn: '10-limits', content: '[Service]\nLimitNOFILE=4096\n' }),
      undo: () => unitFile({ name: 'nap', dropIn: '10-limits', state: 'absent' }),
      leaves: /^\/etc\/systemd\/system$/,
      reset: away,
      notOn: { busybox: 'there is no systemd' },
    },
  ],
}

const hostnameRow: Row = {
  resource: 'hostname',
  cases: [
    {
      name: 'another name',
      prepare: 'echo before >/etc/hostname; echo before >/proc/sys/kernel/hostname',
      make: () => hostname({ name: 'web1.example.org' }),
      drifts: [
        {
          by: 'echo other >/proc/sys/kernel/hostname',
          sees: [{ field: 'now', before: 'other', after: 'web1.example.org' }],
        },
        {
          by: 'echo other >/etc/hostname',
          sees: [{ field: 'content', before: 'other\n', after: 'web1.example.org\n', text: true }],
        },
      ],
      not: { e: 'a host has a name' },
      reset: 'echo lab1 >/etc/hostname; echo lab1 >/proc/sys/kernel/hostname',
      hostile: { name: { make: (name) => hostname({ name }), values: hostileTexts } },
    },
  ],
}

const hosts = '127.0.0.1 localhost # kept\n10.0.0.9 web1 old\n'
const ours = '10.0.0.1 web1.example.org web1\n'
const text = (it: string) => `printf '${it.replaceAll('\n', '\\n')}' >/etc/hosts`
/** A file that is itself a mount point, as container engines have it, can not be replaced. */
const mounted = `mkdir -p /srv/t; ${text(hosts)}; cp /etc/hosts /srv/t/hosts; mount --bind /srv/t/hosts /etc/hosts`
const unmount = 'umount /etc/hosts 2>/dev/null; rm -rf /srv/t; printf "127.0.0.1 localhost\\n" >/etc/hosts'

const hostsEntryRow: Row = {
  resource: 'hostsEntry',
  cases: [
    {
      name: 'two names, of which another address has one',
      prepare: text(hosts),
      make: () => hostsEntry({ address: '10.0.0.1', names: ['web1.example.org', 'web1'] }),
      drifts: [
        {
          by: "sed -i 's/ web1$//' /etc/hosts",
          sees: [
            {
              field: 'content',
              before: hosts.replace(' web1', '') + ours.replace(' web1\n', '\n'),
              after: hosts.replace(' web1', '') + ours,
              text: true,
            },
          ],
        },
        {
          by: text(hosts.replace(' web1', '')),
          sees: [
            {
              field: 'content',
              before: hosts.replace(' web1', ''),
              after: hosts.replace(' web1', '') + ours,
              text: true,
            },
          ],
        },
      ],
      not: { e: 'the name that another address had is not given back' },
      reset: unmount,
      hostile: {
        address: { make: (address) => hostsEntry({ address, names: 'a' }), values: hostileTexts },
        name: { make: (name) => hostsEntry({ address: '10.0.0.1', names: name }), values: hostileTexts },
      },
    },
    {
      name: 'in a file that is mounted',
      prepare: mounted,
      make: () => hostsEntry({ address: '10.0.0.1', names: 'db1' }),
      undo: () => hostsEntry({ address: '10.0.0.1', state: 'absent' }),
      reset: unmount,
    },
  ],
}

const rules = 'nobody ALL=(root) NOPASSWD: /bin/true'
const noSudo = { busybox: 'there is no sudo' }

const sudoersRow: Row = {
  resource: 'sudoers',
  cases: [
    {
      name: 'a rule',
      make: () => sudoers({ name: 'nobody', content: rules }),
      drifts: [
        { by: 'chmod 644 /etc/sudoers.d/nobody', sees: [{ field: 'mode', before: '0644', after: '0440' }] },
        { by: 'chown nobody /etc/sudoers.d/nobody', sees: [{ field: 'owner', before: 'nobody', after: '0' }] },
        {
          by: 'echo "# x" >>/etc/sudoers.d/nobody',
          sees: [{ field: 'content', before: undefined, after: undefined, restricted: true }],
        },
      ],
      undo: () => sudoers({ name: 'nobody', state: 'absent' }),
      leaves: /^\/etc\/sudoers\.d$/,
      reset: 'rm -f /etc/sudoers.d/nobody',
      hostile: {
        name: { make: (name) => sudoers({ name, content: rules }), values: hostileTexts },
        content: {
          make: (text) => sudoers({ name: 'nobody', content: text }),
          values: hostileTexts,
          // visudo lets in what it understands: comments and user names alone.
          refusal: /visudo|syntax error|rejects|not accepted|was refused|parse error/,
        },
      },
      notOn: noSudo,
    },
  ],
}

const job = '30 4 * * * root echo 100\\% \n'

const cronRow: Row = {
  resource: 'cron',
  cases: [
    {
      name: 'a job at night',
      prepare: 'mkdir -p /etc/cron.d',
      make: () => cron({ name: 'nightly', schedule: '30 4 * * *', command: 'echo 100% ', env: { MAILTO: '' } }),
      drifts: [
        { by: 'chmod 600 /etc/cron.d/nightly', sees: [{ field: 'mode', before: '0600', after: '0644' }] },
        {
          by: "sed -i 's/30 4/31 4/' /etc/cron.d/nightly",
          sees: [
            {
              field: 'content',
              before: `MAILTO=""\n${job.replace('30 4', '31 4')}`,
              after: `MAILTO=""\n${job}`,
              text: true,
            },
          ],
        },
      ],
      undo: () => cron({ name: 'nightly', state: 'absent' }),
      leaves: /^\/etc\/cron\.d$/,
      reset: 'rm -f /etc/cron.d/nightly',
      hostile: {
        name: { make: (name) => cron({ name, schedule: '@daily', command: 'true' }), values: hostileTexts },
        schedule: { make: (schedule) => cron({ name: 'nightly', schedule, command: 'true' }), values: hostileTexts },
        command: {
          make: (command) => cron({ name: 'nightly', schedule: '@daily', command }),
          values: hostileTexts,
          reads: () => 'cat /etc/cron.d/nightly',
          gives: (command) => `@daily root ${command.replaceAll('%', '\\%')}\n`,
        },
      },
    },
  ],
}

export const machineRows: readonly Row[] = [unitFileRow, hostnameRow, hostsEntryRow, sudoersRow, cronRow]
