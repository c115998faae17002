import { selinuxContext } from '../../../tasks/system/selinux/selinux-context.ts'
import { selinux } from '../../../tasks/system/selinux/selinux.ts'
import { installed } from '../debian-packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const before = '# SELINUX= is explained here\nSELINUX=disabled\nSELINUXTYPE=old # kept\n'
const after = '# SELINUX= is explained here\nSELINUX=permissive\nSELINUXTYPE=t\n'
const reset = 'rm -rf /etc/selinux'

/** The kernel that tests run on has no SELinux: what is tried is what the next boot is told. */
const selinuxRow: Row = {
  resource: 'selinux',
  cases: [
    {
      name: 'another mode and policy at boot',
      prepare: `mkdir -p /etc/selinux/t /etc/selinux/old; printf '${before.replaceAll('\n', '\\n')}' >/etc/selinux/config`,
      make: () => selinux({ mode: 'permissive', policy: 't' }),
      drifts: [
        {
          by: "sed -i 's/permissive/enforcing/' /etc/selinux/config",
          sees: [{ field: 'at boot', before: after.replace('permissive', 'enforcing'), after, text: true }],
        },
        {
          by: "sed -i '/^SELINUX=/d' /etc/selinux/config",
          sees: [
            {
              field: 'at boot',
              before: after.replace('SELINUX=permissive\n', ''),
              after: `${after.replace('SELINUX=permissive\n', '')}SELINUX=permissive\n`,
              text: true,
            },
          ],
        },
      ],
      not: { e: 'a host has a mode' },
      reset,
      hostile: {
        mode: { make: (mode) => selinux({ mode: mode as 'disabled' }), values: hostileTexts },
        policy: {
          make: (policy) => selinux({ mode: 'permissive', policy }),
          values: [...hostileTexts, 'none'],
          refusal: /the policy none is not installed/,
        },
      },
    },
    {
      name: 'without a policy',
      make: () => selinux({ mode: 'enforcing' }),
      reset,
      refusedOn: {
        busybox: /there is no \/etc\/selinux\/config on the host/,
        debian: /there is no \/etc\/selinux\/config on the host/,
      },
    },
  ],
}

const www = '/srv/w.w'
const rule = `'/srv/w\\.w(/.*)?'`
/** The rest of the policy's files are built anew from the rules, each time with other bytes. */
const built = /^\/(?:etc\/selinux\/default|var\/lib\/selinux)(?:$|\/)/
const local = 'cat /etc/selinux/default/contexts/files/file_contexts.local'
const blank = `${installed('policycoreutils-python-utils', 'selinux-policy-default')}
mkdir -p ${www}/a; touch ${www}/a/b
if command -v semanage >/dev/null;then
printf 'SELINUX=disabled\nSELINUXTYPE=default \n' >/etc/selinux/config
semanage fcontext -a -N -t etc_t /srv/others; fi`
const resetContext = `rm -rf ${www}; if command -v semanage >/dev/null;then semanage fcontext -D -N;fi`
const noPolicy = { busybox: /no policy of SELinux is installed/ }

/** Labels are attributes that files can have without a kernel that goes by them. */
const selinuxContextRow: Row = {
  resource: 'selinuxContext',
  slow: 'a policy and its tools are installed, and each change of a rule takes seconds',
  cases: [
    {
      name: 'a directory with all in it',
      prepare: blank,
      make: () => selinuxContext({ path: www, recursive: true, type: 'httpd_sys_content_t' }),
      drifts: [
        {
          by: `chcon -t etc_t ${www}/a/b ${www}/a`,
          sees: [{ field: 'labels', before: '2 otherwise', after: 'as the rules say' }],
        },
        { by: `chcon -u staff_u ${www}/a/b`, sees: [] },
        {
          by: `semanage fcontext -m -N -t etc_t ${rule}`,
          sees: [{ field: 'type', before: 'etc_t', after: 'httpd_sys_content_t' }],
        },
        {
          by: `semanage fcontext -d -N ${rule}`,
          sees: [{ field: 'type', before: undefined, after: 'httpd_sys_content_t' }],
        },
      ],
      undo: () => selinuxContext({ path: www, recursive: true, state: 'absent' }),
      varies: built,
      holds: local,
      leaves: built,
      reset: resetContext,
      hostile: {
        path: {
          make: (name) => selinuxContext({ path: `/srv/${name}`, type: 'etc_t' }),
          values: [...hostileTexts.filter((text) => text !== ''), 'a(b', 'x[y]{2}', `it's`, '$HOME`id`'],
          reads: () => `${local} | tail -n 1 | cut -d ' ' -f 1`,
          gives: (name) => `/srv/${name.replaceAll(/[.^$?*+|[\](){}\\]/g, '\\$&')}\n`,
          refusal: /conflicts with|invalid/,
          reset: 'semanage fcontext -D -N',
        },
        type: { make: (type) => selinuxContext({ path: www, type }), values: hostileTexts },
        of: { make: (of) => selinuxContext({ path: www, type: 'etc_t', of: of as 'file' }), values: hostileTexts },
      },
      refusedOn: noPolicy,
    },
    {
      name: 'one directory that is labelled otherwise',
      prepare: `${blank}; if command -v semanage >/dev/null;then semanage fcontext -a -N -f d -t etc_t '/srv/w\\.w'; chcon staff_u:object_r:tmp_t:s0 ${www};fi`,
      make: () => selinuxContext({ path: www, of: 'directory', type: 'etc_t' }),
      drifts: [
        { by: `chcon -t tmp_t ${www}`, sees: [{ field: 'labels', before: '1 otherwise', after: 'as the rules say' }] },
        { by: `touch ${www}/new`, sees: [] },
      ],
      varies: built,
      holds: `${local}; stat -c %C ${www}`,
      not: { e: 'tried by the first' },
      reset: resetContext,
      refusedOn: noPolicy,
    },
    {
      name: "the policy's own rule as it is, and otherwise",
      prepare: `${blank}; mkdir -p /var/www`,
      make: () => selinuxContext({ path: '/var/www', recursive: true, type: 'httpd_sys_rw_content_t' }),
      undo: () => selinuxContext({ path: '/var/www', recursive: true, state: 'absent' }),
      varies: built,
      holds: local,
      leaves: built,
      reset: `rm -rf /var/www; ${resetContext}`,
      not: { d: 'its step is that of the first' },
      refusedOn: noPolicy,
    },
  ],
}

export const selinuxRows: readonly Row[] = [selinuxRow, selinuxContextRow]
