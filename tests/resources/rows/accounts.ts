import { Secret } from '../../../runner/model/secret.ts'
import { authorizedKey } from '../../../tasks/system/authorized-key.ts'
import { group } from '../../../tasks/system/group.ts'
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
      // What stands for the digest of a password is the same each time, as none that is made here would be.
      prepare: 'groupadd web; groupadd ops2; useradd -m -s /bin/sh -p digest -G ops2 kim',
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

export const accountRows: readonly Row[] = [groupRow, userRow, authorizedKeyRow]
