import { limits } from '../../../tasks/system/limits.ts'
import { sshdSettings } from '../../../tasks/system/sshd/sshd-settings.ts'
import { timezone } from '../../../tasks/system/timezone.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const zones = '/usr/share/zoneinfo'

const timezoneRow: Row = {
  resource: 'timezone',
  cases: [
    {
      name: 'another zone, named in a file too',
      prepare: `mkdir -p ${zones}/Europe; for z in Europe/Berlin Asia/Tokyo;do mkdir -p ${zones}/\${z%/*};[ -e ${zones}/$z ]||echo TZif2 >${zones}/$z;done
ln -sf ${zones}/Asia/Tokyo /etc/localtime; echo Asia/Tokyo >/etc/timezone`,
      make: () => timezone({ name: 'Europe/Berlin' }),
      drifts: [
        {
          by: `ln -sf ${zones}/Asia/Tokyo /etc/localtime`,
          sees: [{ field: 'timezone', before: 'Asia/Tokyo', after: 'Europe/Berlin' }],
        },
        {
          by: `rm /etc/localtime; cp ${zones}/Asia/Tokyo /etc/localtime`,
          sees: [{ field: 'timezone', before: 'a file without a name', after: 'Europe/Berlin' }],
        },
        {
          by: 'echo Asia/Tokyo >/etc/timezone',
          sees: [{ field: '/etc/timezone', before: 'Asia/Tokyo\n', after: 'Europe/Berlin\n', text: true }],
        },
      ],
      not: { e: 'a host has a time zone' },
      reset: `ln -sf ${zones}/Etc/UTC /etc/localtime; rm -f /etc/timezone`,
      hostile: {
        name: {
          make: (name) => timezone({ name }),
          values: [...hostileTexts, '../../etc/passwd'],
          refusal: /there is no/,
        },
      },
    },
    {
      name: 'where there is none',
      prepare: `mkdir -p ${zones}/Europe; [ -e ${zones}/Europe/Berlin ]||echo TZif2 >${zones}/Europe/Berlin; rm -f /etc/localtime /etc/timezone`,
      make: () => timezone({ name: 'Europe/Berlin' }),
      reset: `ln -sf ${zones}/Etc/UTC /etc/localtime`,
      not: { d: 'its step is that of the other case', e: 'a host has a time zone' },
    },
  ],
}

const web = { name: '50-web', limits: [{ domain: '@web', item: 'nofile', value: 65_536 }] } as const
const webText = '@web - nofile 65536\n'

const limitsRow: Row = {
  resource: 'limits',
  cases: [
    {
      name: 'of a group',
      prepare: 'mkdir -p /etc/security/limits.d',
      make: () => limits(web),
      drifts: [
        {
          by: "sed -i 's/65536/1024/' /etc/security/limits.d/50-web.conf",
          sees: [{ field: 'content', before: webText.replace('65536', '1024'), after: webText, text: true }],
        },
        {
          by: 'chmod 600 /etc/security/limits.d/50-web.conf',
          sees: [{ field: 'mode', before: '0600', after: '0644' }],
        },
      ],
      undo: () => limits({ name: '50-web', state: 'absent' }),
      leaves: /^\/etc\/security\/limits\.d$/,
      reset: 'rm -f /etc/security/limits.d/50-web.conf',
      hostile: {
        name: { make: (name) => limits({ ...web, name }), values: hostileTexts },
        domain: {
          make: (domain) => limits({ name: '50-web', limits: [{ domain, item: 'nofile', value: 1 }] }),
          values: hostileTexts,
        },
      },
    },
  ],
}

const hardened = { name: '00-t', settings: { PasswordAuthentication: false, MaxAuthTries: 3 } } as const
const hardenedText = 'PasswordAuthentication no\nMaxAuthTries 3\n'
const file = '/etc/ssh/sshd_config.d/00-t.conf'
const noSshd = 'there is no sshd'
const reset = 'rm -f /etc/ssh/sshd_config.d/*-t.conf'

const sshdSettingsRow: Row = {
  resource: 'sshdSettings',
  cases: [
    {
      name: 'for everybody',
      make: () => sshdSettings(hardened),
      drifts: [
        {
          by: `sed -i s/3/6/ ${file}`,
          sees: [{ field: 'content', before: hardenedText.replace('3', '6'), after: hardenedText, text: true }],
        },
        { by: `rm ${file}`, sees: [{ field: 'file', before: undefined, after: file }] },
      ],
      undo: () => sshdSettings({ name: '00-t', state: 'absent' }),
      leaves: /^\/etc\/ssh\/sshd_config\.d$/,
      reset,
      hostile: {
        name: { make: (name) => sshdSettings({ ...hardened, name }), values: hostileTexts },
        keyword: {
          make: (keyword) => sshdSettings({ name: '00-t', settings: { [keyword]: 'yes' } }),
          values: hostileTexts,
          refusal: /was refused/,
        },
        value: {
          make: (Banner) => sshdSettings({ name: '00-t', settings: { Banner } }),
          values: hostileTexts,
          refusal: /was refused/,
          reads: () => `cat ${file}`,
          gives: (value) => `Banner ${value}\n`,
        },
        match: {
          make: (match) => sshdSettings({ ...hardened, match }),
          values: hostileTexts,
          refusal: /was refused/,
        },
      },
      refusedOn: { busybox: /there is no sshd on this host/ },
    },
    {
      name: 'for a group',
      make: () =>
        sshdSettings({
          name: '90-t',
          match: 'Group sftp',
          settings: { ForceCommand: 'internal-sftp', AllowTcpForwarding: false },
        }),
      undo: () => sshdSettings({ name: '90-t', state: 'absent' }),
      leaves: /^\/etc\/ssh\/sshd_config\.d$/,
      reset,
      not: { d: 'its step is that of the other case' },
      notOn: { busybox: noSshd },
    },
  ],
}

export const settingsRows: readonly Row[] = [timezoneRow, limitsRow, sshdSettingsRow]
