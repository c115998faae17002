import { selinux } from '../../../tasks/system/selinux.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const before = '# SELINUX= is explained here\nSELINUX=disabled\nSELINUXTYPE=old # kept\n'
const after = '# SELINUX= is explained here\nSELINUX=permissive\nSELINUXTYPE=t\n'
const reset = 'rm -rf /etc/selinux'

/** The kernel that tests run on has no SELinux: what is tried is what the next boot is told. */
export const selinuxRow: Row = {
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
