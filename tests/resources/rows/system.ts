import { Secret } from '../../../runner/model/secret.ts'
import { authorizedKey } from '../../../tasks/system/authorized-key.ts'
import { group } from '../../../tasks/system/group.ts'
import { kernelModule } from '../../../tasks/system/kernel-module.ts'
import { service } from '../../../tasks/system/service.ts'
import { sysctl } from '../../../tasks/system/sysctl.ts'
import { user } from '../../../tasks/system/user.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/** Copies that the account programs keep of what was before, and the times and order of lines that they write anew. */
const accountCopies =
  /^\/(?:etc|home|var\/mail|var\/spool\/mail)$|^\/etc\/(?:(?:passwd|group|shadow|gshadow|subuid|subgid)-|\.pwd\.lock)$/

const noUser =
  'if command -v userdel >/dev/null;then userdel -r kim 2>/dev/null;else sed -i /^kim:/d /etc/passwd /etc/group;fi; rm -rf /home/kim /srv/kim; true'
const noGroup = (name: string) => `groupdel ${name} 2>/dev/null || delgroup ${name} 2>/dev/null; true`

const groupRow: Row = {
  resource: 'group',
  cases: [
    {
      name: 'with a number',
      make: () => group({ name: 'web', gid: 4242 }),
      drifts: [
        { by: 'groupmod -g 4243 web', sees: [{ field: 'gid', before: 4243, after: 4242 }] },
        {
          by: 'groupdel web',
          sees: [
            { field: 'state', before: undefined, after: 'present' },
            { field: 'gid', before: undefined, after: 4242 },
          ],
        },
      ],
      undo: () => group({ name: 'web', state: 'absent' }),
      leaves: accountCopies,
      reset: noGroup('web'),
      hostile: { name: { make: (name) => group({ name }), values: hostileTexts } },
      refusedOn: { busybox: /groupadd, useradd and their kin are not installed/ },
    },
  ],
}

const hash = (salt: string) => new Secret(`$6$${salt}$notarealhashbutlongenough`)

const userRow: Row = {
  resource: 'user',
  cases: [
    {
      name: 'with everything',
      prepare: 'groupadd web; groupadd ops2; true',
      make: () =>
        user({
          name: 'kim',
          uid: 4300,
          groups: ['web'],
          shell: '/bin/sh',
          comment: "Kim's, 世界",
          passwordHash: hash('salt'),
          locked: false,
        }),
      drifts: [
        { by: 'usermod -s /bin/bash kim', sees: [{ field: 'shell', before: '/bin/bash', after: '/bin/sh' }] },
        { by: 'gpasswd -d kim web', sees: [{ field: 'groups', before: [], after: ['web'] }] },
        { by: 'usermod -c other kim', sees: [{ field: 'comment', before: 'other', after: "Kim's, 世界" }] },
        { by: 'usermod -L kim', sees: [{ field: 'locked', before: true, after: false }] },
        {
          by: 'echo kim:other | chpasswd',
          sees: [{ field: 'password', before: undefined, after: undefined, restricted: true }],
        },
        { by: 'rm -r /home/kim', sees: [{ field: 'home directory', before: 'missing', after: 'present' }] },
        { by: 'usermod -u 4301 kim', sees: [{ field: 'uid', before: 4301, after: 4300 }] },
      ],
      undo: () => user({ name: 'kim', state: 'absent', removeHome: true }),
      leaves: accountCopies,
      reset: `${noUser};${noGroup('web')};${noGroup('ops2')}`,
      hostile: {
        name: { make: (name) => user({ name }), values: hostileTexts },
        comment: {
          make: (comment) => user({ name: 'kim', comment }),
          values: hostileTexts,
          reads: () => 'getent passwd kim | cut -d: -f5',
          gives: (text) => `${text}\n`,
        },
        shell: { make: (shell) => user({ name: 'kim', shell }), values: hostileTexts },
        home: {
          make: (home) => user({ name: 'kim', home: `/srv/kim/${home}`, createHome: false }),
          values: hostileTexts,
        },
      },
      notOn: { busybox: 'accounts are made by the shadow suite, which is refused clearly where it is missing' },
    },
    {
      name: 'groups that are exclusive, and a lock',
      prepare: 'groupadd web; groupadd ops2; useradd -m -s /bin/sh -G ops2 kim; echo kim:secret | chpasswd',
      make: () => user({ name: 'kim', groups: ['web'], exclusiveGroups: true, locked: true }),
      drifts: [
        { by: 'usermod -aG ops2 kim', sees: [{ field: 'groups', before: ['ops2', 'web'], after: ['web'] }] },
        { by: 'usermod -U kim', sees: [{ field: 'locked', before: false, after: true }] },
      ],
      reset: `${noUser};${noGroup('web')};${noGroup('ops2')}`,
      notOn: { busybox: 'accounts are made by the shadow suite, which is refused clearly where it is missing' },
    },
    {
      name: 'another home, with what is in the old one',
      prepare: 'useradd -m -s /bin/sh kim; echo mine >/home/kim/file; mkdir -p /srv',
      make: () => user({ name: 'kim', home: '/srv/kim', moveHome: true }),
      drifts: [
        { by: 'usermod -d /home/kim -m kim', sees: [{ field: 'home', before: '/home/kim', after: '/srv/kim' }] },
      ],
      undo: () => user({ name: 'kim', home: '/home/kim', moveHome: true }),
      leaves: /^\/(?:etc|home|srv)$|^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/,
      reset: noUser,
      notOn: { busybox: 'accounts are made by the shadow suite, which is refused clearly where it is missing' },
    },
    {
      name: 'of the system, without a home',
      make: () => user({ name: 'kim', system: true, shell: '/usr/sbin/nologin', home: '/nonexistent' }),
      undo: () => user({ name: 'kim', state: 'absent' }),
      leaves: accountCopies,
      reset: `${noUser};${noGroup('kim')}`,
      refusedOn: { busybox: /groupadd, useradd and their kin are not installed/ },
    },
  ],
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFwTkUjzU1mmwPe9cuv5YtAzFwXs1uUJmsJYfmGhAL1B kim@desk'
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1h7FvGkcVUqU8S7D8wG0W6JgmRzHvQ5nHhX0RrA2bC other'
const kimByHand = `if command -v useradd >/dev/null;then useradd -u 1100 -m -s /bin/sh kim
else echo 'kim:x:1100:1100::/home/kim:/bin/sh' >>/etc/passwd; echo 'kim:x:1100:' >>/etc/group; mkdir -p /home/kim; chown 1100:1100 /home/kim;fi
mkdir -m 700 /home/kim/.ssh; echo '${other}' >/home/kim/.ssh/authorized_keys
chmod 600 /home/kim/.ssh/authorized_keys; chown -R kim:kim /home/kim/.ssh`
const keys = '/home/kim/.ssh/authorized_keys'

const authorizedKeyRow: Row = {
  resource: 'authorizedKey',
  cases: [
    {
      name: 'beside another',
      prepare: kimByHand,
      make: () => authorizedKey({ user: 'kim', key, options: 'no-pty,from="10.0.0.0/8"' }),
      drifts: [
        {
          by: `sed -i 's/^no-pty,/pty,/' ${keys}`,
          sees: [
            {
              field: 'authorized_keys',
              before: `${other}\npty,from="10.0.0.0/8" ${key}\n`,
              after: `${other}\nno-pty,from="10.0.0.0/8" ${key}\n`,
              text: true,
            },
          ],
        },
        { by: `chmod 666 ${keys}`, sees: [{ field: 'mode of authorized_keys', before: '666', after: '600' }] },
        { by: `chown root ${keys}`, sees: [{ field: 'owner of authorized_keys', before: 0, after: 1100 }] },
        { by: 'chmod 775 /home/kim/.ssh', sees: [{ field: 'mode of .ssh', before: '775', after: '755' }] },
        {
          by: 'chown root /home/kim/.ssh; chmod 700 /home/kim/.ssh',
          sees: [{ field: 'owner of .ssh', before: 0, after: 1100 }],
        },
      ],
      reset: noUser,
      hostile: {
        key: { make: (text) => authorizedKey({ user: 'kim', key: text }), values: hostileTexts },
        options: {
          make: (text) => authorizedKey({ user: 'kim', key, options: `command="${text.replaceAll('"', '\\"')}"` }),
          values: hostileTexts,
          reads: () => `tail -n 1 ${keys}`,
          gives: (text) => `command="${text.replaceAll('"', '\\"')}" ${key}\n`,
        },
        user: { make: (name) => authorizedKey({ user: name, key }), values: hostileTexts, refusal: /no such user/ },
      },
    },
    {
      name: 'without any other',
      prepare: kimByHand,
      make: () => authorizedKey({ user: 'kim', key, exclusive: true }),
      drifts: [
        {
          by: `echo '${other}' >>${keys}`,
          sees: [{ field: 'authorized_keys', before: `${key}\n${other}\n`, after: `${key}\n`, text: true }],
        },
      ],
      reset: noUser,
    },
    {
      name: 'where there was none',
      prepare: `${kimByHand}; echo '# mine' >${keys}`,
      make: () => authorizedKey({ user: 'kim', key }),
      undo: () => authorizedKey({ user: 'kim', key, state: 'absent' }),
      reset: noUser,
    },
  ],
}

/** Lab hosts see neither /sys/module nor the modules of the kernel that they share. */
const builtIn = `m=/lib/modules/$(uname -r); mkdir -p $m; echo kernel/drivers/block/loop.ko >$m/modules.builtin`

const kernelModuleRow: Row = {
  resource: 'kernelModule',
  cases: [
    {
      name: 'one that is built in, with parameters',
      prepare: builtIn,
      make: () => kernelModule({ name: 'loop', parameters: { max_loop: 8 } }),
      drifts: [
        {
          by: "sed -i 's/8/9/' /etc/modprobe.d/loop.conf",
          sees: [
            { field: 'content', before: 'options loop max_loop=9\n', after: 'options loop max_loop=8\n', text: true },
          ],
        },
        {
          by: 'rm /etc/modprobe.d/loop.conf',
          sees: [{ field: 'file', before: undefined, after: '/etc/modprobe.d/loop.conf' }],
        },
      ],
      undo: () => kernelModule({ name: 'loop', state: 'absent' }),
      leaves: /^\/etc(?:\/(?:modprobe|modules-load)\.d)?$/,
      reset: 'rm -rf /etc/modprobe.d/loop.conf /etc/modules-load.d/loop.conf /lib/modules/$(uname -r)',
      hostile: {
        name: { make: (name) => kernelModule({ name }), values: hostileTexts },
        parameters: {
          make: (value) => kernelModule({ name: 'loop', parameters: { max_loop: value } }),
          values: hostileTexts,
          reads: () => 'cat /etc/modprobe.d/loop.conf',
          gives: (value) => `options loop max_loop=${value}\n`,
        },
      },
    },
  ],
}

const sysctlRow: Row = {
  resource: 'sysctl',
  cases: [
    {
      name: 'two parameters',
      prepare: "echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range; echo 0 >/proc/sys/net/ipv4/ip_forward",
      make: () =>
        sysctl({ name: '60-t', values: { 'net.ipv4.ip_local_port_range': '32000 60000', 'net.ipv4.ip_forward': 1 } }),
      drifts: [
        {
          by: 'echo 0 >/proc/sys/net/ipv4/ip_forward',
          sees: [{ field: 'net.ipv4.ip_forward', before: '0', after: '1' }],
        },
        {
          by: 'rm /etc/sysctl.d/60-t.conf',
          sees: [{ field: 'file', before: undefined, after: '/etc/sysctl.d/60-t.conf' }],
        },
      ],
      undo: () => sysctl({ name: '60-t', values: {}, state: 'absent' }),
      leaves: /^\/etc(?:\/sysctl\.d)?$/,
      reset:
        "rm -f /etc/sysctl.d/60-t.conf; echo '32768 60999' >/proc/sys/net/ipv4/ip_local_port_range; echo 0 >/proc/sys/net/ipv4/ip_forward",
      hostile: {
        name: { make: (name) => sysctl({ name, values: {} }), values: hostileTexts },
        key: { make: (name) => sysctl({ name: 't', values: { [name]: 1 } }), values: hostileTexts },
        value: {
          make: (value) => sysctl({ name: 't', values: { 'net.ipv4.ip_forward': value } }),
          values: hostileTexts,
          // The kernel takes what it understands.
          refusal: /the kernel does not take|still differs/,
        },
      },
    },
  ],
}

const unit = `printf '[Service]\\nExecStart=/bin/sleep infinity\\nExecReload=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/nap.service;systemctl daemon-reload`
const noUnit =
  'systemctl unmask nap; systemctl disable --now nap; rm -f /etc/systemd/system/nap.service; systemctl daemon-reload; systemctl reset-failed nap; true'
const noSystemd = { busybox: /no systemd on this host/ }

const serviceRow: Row = {
  resource: 'service',
  cases: [
    {
      name: 'that runs and is enabled',
      prepare: unit,
      make: () => service({ name: 'nap', running: true, enabled: true }),
      drifts: [
        { by: 'systemctl stop nap', sees: [{ field: 'running', before: false, after: true }] },
        { by: 'systemctl disable nap', sees: [{ field: 'enabled', before: false, after: true }] },
        {
          by: 'systemctl kill -s KILL nap; while systemctl is-active -q nap;do sleep 0.1;done',
          sees: [{ field: 'running', before: 'failed', after: true }],
        },
      ],
      undo: () => service({ name: 'nap', running: false, enabled: false }),
      leaves: /^\/etc\/systemd\/system(?:\/multi-user\.target\.wants)?$/,
      reset: noUnit,
      hostile: {
        name: { make: (name) => service({ name, running: true }), values: hostileTexts, refusal: /no such unit/ },
      },
      refusedOn: noSystemd,
    },
    {
      name: 'masked, and what runs stopped',
      prepare: `${unit};rm /etc/systemd/system/nap.service; cp /lib/systemd/system/cron.service /lib/systemd/system/nap.service 2>/dev/null || printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/lib/systemd/system/nap.service; systemctl daemon-reload; systemctl enable --now nap`,
      make: () => service({ name: 'nap', running: false, masked: true }),
      undo: () => service({ name: 'nap', masked: false, enabled: true, running: true }),
      leaves: /^\/etc\/systemd\/system(?:\/multi-user\.target\.wants)?$/,
      reset: `${noUnit}; rm -f /lib/systemd/system/nap.service; systemctl daemon-reload`,
      notOn: { busybox: 'there is no systemd' },
    },
    {
      name: 'unmasked and enabled',
      prepare: `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/lib/systemd/system/nap.service; systemctl daemon-reload; systemctl mask nap`,
      make: () => service({ name: 'nap', masked: false, enabled: true, running: true }),
      drifts: [
        {
          by: 'systemctl disable --now nap; systemctl mask nap',
          sees: [
            { field: 'masked', before: true, after: false },
            { field: 'enabled', before: false, after: true },
            { field: 'running', before: false, after: true },
          ],
        },
      ],
      reset: `${noUnit}; rm -f /lib/systemd/system/nap.service; systemctl daemon-reload`,
      notOn: { busybox: 'there is no systemd' },
    },
    {
      name: 'with a restart that is due',
      prepare: `${unit};systemctl start nap; mkdir -p /run/tsplay/due; systemctl show -p InvocationID --value nap >/run/tsplay/due/restart-nap.service`,
      make: () => service({ name: 'nap' }),
      reset: noUnit,
      notOn: { busybox: 'there is no systemd' },
    },
    {
      name: 'with a reload that is due',
      prepare: `${unit};systemctl start nap; mkdir -p /run/tsplay/due; systemctl show -p InvocationID --value nap >/run/tsplay/due/reload-nap.service`,
      make: () => service({ name: 'nap', running: true }),
      reset: noUnit,
      notOn: { busybox: 'there is no systemd' },
    },
  ],
}

export const systemRows: readonly Row[] = [groupRow, userRow, authorizedKeyRow, kernelModuleRow, sysctlRow, serviceRow]
