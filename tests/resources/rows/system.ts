import { kernelModule } from '../../../tasks/system/kernel-module.ts'
import { service } from '../../../tasks/system/service.ts'
import { sysctl } from '../../../tasks/system/sysctl.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

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
const noSystemd = { busybox: /neither systemd nor OpenRC runs on this host/ }

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

export const systemRows: readonly Row[] = [kernelModuleRow, sysctlRow, serviceRow]
