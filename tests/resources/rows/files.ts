import { Secret } from '../../../runner/model/secret.ts'
import { absent } from '../../../tasks/files/absent.ts'
import { directory } from '../../../tasks/files/directory.ts'
import { file } from '../../../tasks/files/file.ts'
import { link } from '../../../tasks/files/link.ts'
import { hostileTexts } from '../hostile.ts'
import type { Case, Row } from '../row.ts'

const reset = 'rm -rf /srv/t'
const prepare = 'mkdir -p /srv/t'

/** Names of one path component. */
const names = hostileTexts.filter((text) => text !== '' && text.length <= 255 && !text.includes('/'))
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const fileRow: Row = {
  resource: 'file',
  cases: [
    {
      name: 'a new file with all options',
      prepare,
      make: () => file({ path: '/srv/t/f', content: 'one\ntwo\n', mode: '0640', owner: 'nobody', group: 'nogroup' }),
      drifts: [
        { by: 'chmod 600 /srv/t/f', sees: [{ field: 'mode', before: '0600', after: '0640' }] },
        { by: 'chown root /srv/t/f', sees: [{ field: 'owner', before: 'root', after: 'nobody' }] },
        { by: 'chgrp root /srv/t/f', sees: [{ field: 'group', before: 'root', after: 'nogroup' }] },
        {
          by: 'echo three >>/srv/t/f',
          sees: [{ field: 'content', before: undefined, after: undefined, restricted: true }],
        },
      ],
      undo: () => absent({ path: '/srv/t/f' }),
      reset,
      hostile: {
        content: {
          make: (content) => file({ path: '/srv/t/f', content }),
          values: hostileTexts,
          reads: () => 'cat /srv/t/f',
        },
        path: {
          make: (name) => file({ path: `/srv/t/${name}`, content: 'x' }),
          values: names,
          reads: (name) => `cat ${quoted(`/srv/t/${name}`)}`,
          gives: () => 'x',
        },
        owner: {
          make: (owner) => file({ path: '/srv/t/f', content: 'x', owner }),
          values: hostileTexts,
          refusal: /its owner can not be made/,
        },
      },
    },
    {
      name: 'a file that is replaced, with validation and backup',
      prepare: `${prepare};echo old >/srv/t/f`,
      make: () => file({ path: '/srv/t/f', content: 'new\n', validate: 'grep -q new %s', backup: true }),
      // Backups have their second in their name.
      varies: /^\/srv\/t\/f\.~\d+T\d+Z~$/,
      holds: 'sort -u /srv/t/f.~*~',
      drifts: [
        {
          by: 'echo edited >/srv/t/f',
          sees: [{ field: 'content', before: 'edited\n', after: 'new\n', text: true }],
        },
        { by: 'rm /srv/t/f', sees: [{ field: 'content', before: undefined, after: 'new\n', text: true }] },
      ],
      reset,
    },
    {
      name: 'through a symbolic link',
      prepare: `${prepare};echo old >/srv/t/real;ln -s real /srv/t/f`,
      make: () => file({ path: '/srv/t/f', content: 'new\n' }),
      reset,
    },
    {
      name: 'a secret',
      prepare,
      make: () => file({ path: '/srv/t/f', content: new Secret('hunter2hunter2'), mode: '0600' }),
      reset,
    },
    {
      name: '300 KB',
      prepare,
      make: () => file({ path: '/srv/t/f', content: Buffer.alloc(300_000, 'x') }),
      // The content travels ahead through a channel of its own.
      changedTrips: 3,
      reset,
    },
  ],
}

const tree =
  'mkdir -p /srv/t/d/e; echo x >/srv/t/d/f; echo y >/srv/t/d/e/g; ln -s /etc/passwd /srv/t/d/l; chmod 644 /srv/t/d/f /srv/t/d/e/g'

const treeCase: Case = {
  name: 'with all that is in it',
  prepare: tree,
  make: () =>
    directory({
      path: '/srv/t/d',
      owner: 'nobody',
      recursive: { owner: 'nobody', group: 'nogroup', fileMode: '0640', directoryMode: '0750' },
    }),
  drifts: [
    {
      by: 'chown root /srv/t/d/e/g /srv/t/d/e',
      sees: [{ field: 'owner inside', before: '2 otherwise', after: 'nobody' }],
    },
    {
      by: 'chgrp -h root /srv/t/d/l',
      sees: [{ field: 'group inside', before: '1 otherwise', after: 'nogroup' }],
    },
    {
      by: 'chmod 600 /srv/t/d/f; chmod 700 /srv/t/d/e',
      sees: [
        { field: 'file modes inside', before: '1 otherwise', after: '0640' },
        { field: 'directory modes inside', before: '1 otherwise', after: '0750' },
      ],
    },
  ],
  reset,
  hostile: {
    path: {
      make: (name) => directory({ path: `/srv/t/${name}`, recursive: { owner: 'nobody' } }),
      values: names,
    },
  },
}

const directoryRow: Row = {
  resource: 'directory',
  cases: [
    {
      name: 'with those above it, of an owner',
      make: () => directory({ path: '/srv/t/a/b', mode: '2750', owner: 'nobody', group: 'nogroup' }),
      drifts: [
        { by: 'chmod g-s /srv/t/a/b', sees: [{ field: 'mode', before: '0750', after: '2750' }] },
        { by: 'chown root /srv/t/a/b', sees: [{ field: 'owner', before: 'root', after: 'nobody' }] },
        {
          by: 'rmdir /srv/t/a/b',
          sees: [
            { field: 'state', before: undefined, after: 'directory' },
            { field: 'mode', before: undefined, after: '2750' },
            { field: 'owner', before: undefined, after: 'nobody' },
            { field: 'group', before: undefined, after: 'nogroup' },
          ],
        },
      ],
      undo: () => absent({ path: '/srv/t' }),
      reset,
      hostile: {
        path: {
          make: (name) => directory({ path: `/srv/t/${name}`, mode: '0700' }),
          values: names,
          reads: (name) => `cd ${quoted(`/srv/t/${name}`)} && echo there`,
          gives: () => 'there\n',
        },
        mode: { make: (mode) => directory({ path: '/srv/t', mode }), values: hostileTexts },
      },
    },
    treeCase,
  ],
}

const linkRow: Row = {
  resource: 'link',
  cases: [
    {
      name: 'to a file',
      prepare: `${prepare};echo x >/srv/t/real`,
      make: () => link({ path: '/srv/t/l', target: 'real' }),
      drifts: [
        { by: 'ln -sfn other /srv/t/l', sees: [{ field: 'target', before: 'other', after: 'real' }] },
        { by: 'rm /srv/t/l', sees: [{ field: 'target', before: undefined, after: 'real' }] },
      ],
      undo: () => absent({ path: '/srv/t/l' }),
      reset,
      hostile: {
        target: {
          make: (target) => link({ path: '/srv/t/l', target }),
          values: hostileTexts,
          reads: () => 'readlink -n /srv/t/l',
        },
        path: {
          make: (name) => link({ path: `/srv/t/${name}`, target: 'real' }),
          values: names,
          reads: (name) => `readlink -n ${quoted(`/srv/t/${name}`)}`,
          gives: () => 'real',
        },
      },
    },
    {
      name: 'in place of a file, by force',
      prepare: `${prepare};echo x >/srv/t/l`,
      make: () => link({ path: '/srv/t/l', target: '/etc', force: true }),
      drifts: [
        {
          by: 'rm /srv/t/l;echo y >/srv/t/l',
          sees: [
            { field: 'state', before: 'file', after: 'link' },
            { field: 'target', before: undefined, after: '/etc' },
          ],
        },
      ],
      reset,
    },
  ],
}

const absentRow: Row = {
  resource: 'absent',
  cases: [
    {
      name: 'a directory with what is in it',
      prepare: `${prepare}/d/e;echo x >/srv/t/d/e/f;ln -s / /srv/t/d/l`,
      make: () => absent({ path: '/srv/t/d' }),
      drifts: [
        { by: 'mkdir /srv/t/d', sees: [{ field: 'state', before: 'directory', after: undefined }] },
        { by: 'ln -s /etc /srv/t/d', sees: [{ field: 'state', before: 'link', after: undefined }] },
        { by: 'echo x >/srv/t/d', sees: [{ field: 'state', before: 'file', after: undefined }] },
      ],
      not: { e: 'what is gone can not be brought back' },
      reset,
      hostile: {
        path: {
          make: (name) => absent({ path: `/srv/t/${name}` }),
          values: names,
          reads: () => 'echo $(ls /srv/t | wc -l)',
          gives: () => '1\n',
          reset: 'mkdir -p /srv/t/d/e',
        },
      },
    },
  ],
}

export const fileRows: readonly Row[] = [fileRow, directoryRow, linkRow, absentRow]
