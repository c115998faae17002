import { task } from '../../runner/model/task.ts'
import { kernelModule } from '../system/kernel-module.ts'
import { swapOff } from '../system/swap/swap-off.ts'
import { sysctl } from '../system/sysctl.ts'

export interface PrepareNodeOptions {
  /** Whether swap stays; the kubelet then needs `failSwapOn: false`. @default false */
  readonly keepSwap?: boolean | undefined
  /** Whether Pods have IPv6 addresses: the host then forwards those too. @default false */
  readonly ipv6?: boolean | undefined
  /** Further kernel parameters. */
  readonly sysctls?: Readonly<Record<string, string | number>> | undefined
}

/**
 * What a kubelet needs of a host: no swap, the modules of containers and bridges, and packets that are forwarded.
 * @example
 * await prepareNode(host, { sysctls: { 'fs.inotify.max_user_instances': 1024 } })
 */
export const prepareNode = task('prepare-node', async (host, options: PrepareNodeOptions = {}) => {
  const { keepSwap = false, ipv6 = false, sysctls = {} } = options
  await host.ensure([
    ...(keepSwap ? [] : [swapOff()]),
    kernelModule({ name: 'overlay' }),
    kernelModule({ name: 'br_netfilter' }),
    sysctl({
      name: 'kubernetes',
      values: {
        'net.bridge.bridge-nf-call-iptables': 1,
        'net.bridge.bridge-nf-call-ip6tables': 1,
        'net.ipv4.ip_forward': 1,
        ...(ipv6 ? { 'net.ipv6.conf.all.forwarding': 1 } : {}),
        ...sysctls,
      },
    }),
  ])
})
