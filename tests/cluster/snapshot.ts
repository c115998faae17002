import { assert } from '../helpers/suite.ts'
import type { LabHost } from '../lab/lab.ts'

/** Path, kind, mode, owner, size and time of everything that is kept on a host, without what hosts do by themselves. */
export async function filesOf(host: LabHost): Promise<readonly string[]> {
  const left = ['/proc', '/sys', '/run', '/dev', '/var/log', '/tmp', '/var/lib/systemd', '/var/cache/ldconfig']
  const prune = left.map((path) => `-path ${path} -prune -o`).join(' ')
  const text = await host.inside(`find / ${prune} -printf '%p %y %m %U %G %s %T@\\n' | sort`)
  return text.split('\n')
}

/** What a reset has to bring back. */
export interface NodeTraces {
  readonly units: readonly string[]
  readonly folders: readonly string[]
  readonly rules: readonly string[]
  readonly links: readonly string[]
  readonly routes: readonly string[]
}

/** Asks a host for it. Counters of rules, and numbers that links get anew, are left out. */
export async function tracesOf(host: LabHost): Promise<NodeTraces> {
  const lines = async (command: string) => (await host.inside(command)).split('\n').filter(Boolean)
  return {
    units: await lines(`systemctl is-active kubelet 2>&1 | sed 's/^/kubelet /' || true`),
    folders: await lines(
      'for d in /etc/kubernetes /var/lib/kubelet /var/lib/etcd /etc/cni/net.d /var/lib/cni; do ls -A $d 2>/dev/null | sed "s,^,$d/,"; done',
    ),
    rules: await lines(
      `for p in iptables ip6tables; do $p-save | grep -e '^-A' -e '^:.* DROP' | sed 's/ \\[.*//;s/^/'$p' /'; done`,
    ),
    links: await lines(`ls /sys/class/net`),
    routes: await lines('ip route'),
  }
}

export function assertSame(before: readonly string[], after: readonly string[], what: string): void {
  const more = after.filter((line) => !before.includes(line))
  const less = before.filter((line) => !after.includes(line))
  assert.equal([...less.map((line) => `- ${line}`), ...more.map((line) => `+ ${line}`)].slice(0, 30), [], what)
}
