import { acl } from '../../../tasks/files/acl/acl.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const reset = 'rm -rf /srv/l'
const prepare =
  'umask 022; mkdir -p /srv/l/d/sub; echo x >/srv/l/f; echo x >/srv/l/d/f; echo x >/srv/l/d/sub/run; chmod 755 /srv/l/d/sub/run; ln -s /srv/l/f /srv/l/d/link; ln -s d /srv/l/to'
const set = (words: string) => `setfacl ${words}`

export const aclRow: Row = {
  resource: 'acl',
  cases: [
    {
      name: 'a user and a group of a file',
      prepare,
      make: () =>
        acl({
          path: '/srv/l/f',
          entries: [
            { user: 'nobody', permissions: 'rwx' },
            { group: 65_534, permissions: 'r--' },
          ],
        }),
      drifts: [
        { by: set('-m u:nobody:r,m::rwx /srv/l/f'), sees: [{ field: 'user nobody', before: 'r--', after: 'rwx' }] },
        { by: 'chmod g-w /srv/l/f', sees: [{ field: 'mask', before: 'r-x', after: 'rwx' }] },
        {
          by: set('-x g:nogroup /srv/l/f'),
          sees: [{ field: 'group 65534', before: undefined, after: 'r--' }],
        },
        { by: set('-m u:root:r /srv/l/f'), sees: [] },
        {
          by: set('-b /srv/l/f'),
          sees: [
            { field: 'user nobody', before: undefined, after: 'rwx' },
            { field: 'group 65534', before: undefined, after: 'r--' },
            { field: 'mask', before: undefined, after: 'rwx' },
          ],
        },
      ],
      undo: () => acl({ path: '/srv/l/f', state: 'absent' }),
      reset,
      hostile: {
        user: {
          make: (user) => acl({ path: '/srv/l/f', entries: [{ user, permissions: 'r--' }] }),
          values: [...hostileTexts, 'a,u:root:rwx', 'DOMAIN\\nobody', "no'body"],
          refusal: /Invalid argument/,
        },
        permissions: {
          make: (text) => acl({ path: '/srv/l/f', entries: [{ user: 'nobody', permissions: text as 'r--' }] }),
          values: hostileTexts,
        },
        path: {
          make: (name) =>
            acl({ path: `/srv/l/${name}`, entries: [{ user: 'nobody', permissions: 'r--' }], recursive: true }),
          values: hostileTexts.filter((text) => text.length < 200),
        },
      },
    },
    {
      name: 'a directory with all in it, through a link, and what comes later',
      prepare,
      make: () =>
        acl({
          path: '/srv/l/to',
          recursive: true,
          exclusive: true,
          entries: [
            { user: 'nobody', permissions: 'rwX' },
            { user: 'nobody', permissions: 'rwX', default: true },
            { of: 'other', permissions: '---', default: true },
          ],
        }),
      drifts: [
        {
          by: "echo x >'/srv/l/d/sub/new one'",
          sees: [{ field: 'inside', before: '1 otherwise', after: 'as asked' }],
        },
        {
          by: `${set('-m g:nogroup:r /srv/l/d')}; ${set('-m g:nogroup:r /srv/l/d/f')}`,
          sees: [
            { field: 'group nogroup', before: 'r--', after: undefined },
            { field: 'inside', before: '1 otherwise', after: 'as asked' },
          ],
        },
        {
          by: set('-m d:u:nobody:r,d:m::rwx /srv/l/d'),
          sees: [{ field: 'default user nobody', before: 'r--', after: 'rwx' }],
        },
      ],
      undo: () => acl({ path: '/srv/l/to', recursive: true, state: 'absent' }),
      leaves: /new one$/,
      reset,
    },
    {
      name: 'one entry gone',
      prepare: `${prepare}; ${set('-m u:nobody:rwx,g:nogroup:r /srv/l/f')}`,
      make: () => acl({ path: '/srv/l/f', state: 'absent', entries: [{ user: 'nobody' }] }),
      reset,
      not: { d: 'its step is that of the other cases' },
    },
    {
      name: 'of nothing',
      make: () => acl({ path: '/srv/l/f', entries: [{ user: 'nobody', permissions: 'r--' }] }),
      reset,
      refusedOn: { busybox: /there is nothing at/, debian: /there is nothing at/ },
    },
  ],
}
