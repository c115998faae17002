import { CommandError, TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { task } from '../../runner/model/task.ts'
import { observed } from '../system/observed.ts'
import { adminConf } from './kubectl.ts'
import { machineProbe } from './machine-state.ts'
import { nodeReset, refuseUnconfirmed } from './node-reset.ts'
import { isBlank, nodeProbe } from './node-state.ts'

export interface DrainAndResetOptions {
  /** The pin of the cluster, `sha256:…`; or the product_uuid of a machine whose node is half-made. */
  readonly confirm?: string | undefined
  /** A control plane that stays, by its name in the inventory: the node is drained and taken off the cluster's list there. */
  readonly controlPlane?: string | undefined
  /** How long Pods have to leave, in milliseconds. @default 5 minutes */
  readonly drainTimeoutMs?: number | undefined
  /** Whether a node that can not be drained in time is reset all the same. @default false */
  readonly forceDrain?: boolean | undefined
  /** The range of Pods, whose routes to other nodes are taken away. @default no routes are looked for */
  readonly podSubnet?: string | undefined
  /** @default '/run/containerd/containerd.sock' of containerd */
  readonly criSocket?: string | undefined
  /** The node's name, where it is not the host's. */
  readonly nodeName?: string | undefined
}

/**
 * Takes a node out of its cluster: its Pods leave, it is reset with all that it left behind, and the cluster forgets it.
 * A host that is no node is left alone. The reset wants to be told which cluster it is for.
 * @example
 * const confirm = 'sha256:2f3a…'
 * await drainAndReset(host, { confirm, controlPlane: 'cp1' })
 */
export const drainAndReset = task('drain-and-reset', async (host, options: DrainAndResetOptions = {}) => {
  const [node, machine] = await host.ensure([observed(nodeProbe()), observed(machineProbe())])
  const isNode = !isBlank(node.value)
  if (isNode) refuseUnconfirmed(node.value, options.confirm)
  const name = options.nodeName ?? machine.value.hostname
  const other =
    options.controlPlane === undefined || options.controlPlane === host.name ? undefined : options.controlPlane
  const on = other !== undefined && isNode ? host.on(other) : undefined
  if (on !== undefined) await drain(on, name, options)
  await host.ensure(
    nodeReset({
      confirm: options.confirm,
      podSubnet: options.podSubnet,
      criSocket: options.criSocket ?? '/run/containerd/containerd.sock',
      timeoutMs: 600_000,
    }),
  )
  if (on !== undefined) {
    await on.command({ onlyIf: listed(name) })`kubectl --kubeconfig ${adminConf} delete node ${name} --timeout=60s`
  }
})

const listed = (name: string) =>
  `kubectl --kubeconfig ${adminConf} --request-timeout=15s get --raw /api/v1/nodes/${name}`

async function drain(on: Host, name: string, options: DrainAndResetOptions): Promise<void> {
  const limitMs = options.drainTimeoutMs ?? 300_000
  const seconds = Math.ceil(limitMs / 1000)
  try {
    await on.command({
      onlyIf: listed(name),
      timeoutMs: limitMs + 30_000,
    })`kubectl --kubeconfig ${adminConf} drain ${name} --delete-emptydir-data --force --ignore-daemonsets --timeout=${seconds}s`
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const blocked = /Cannot evict pod.*/.exec(error.stderr)?.[0]
    if (options.forceDrain)
      return on.log(`${name} could not be drained, and is reset all the same: ${blocked ?? error.message}`)
    throw new TsplayError('COMMAND', `${name} could not be drained in ${seconds} s: ${blocked ?? error.message}`, {
      cause: error,
      hint: 'See which Pods stay, and why: their disruption budgets, or controllers that are gone.',
    })
  }
}
