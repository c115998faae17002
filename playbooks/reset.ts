/**
 * Takes a cluster off its machines: the workers one after another, the control plane last. The packages stay.
 *
 *     npx tsplay run playbooks/reset.ts -i playbooks/site.hosts.yaml -e confirm=sha256:…
 *
 * `confirm` is the pin of the cluster that is to go; `site.ts` prints it at its end, and a refused reset does.
 */
import { playbook } from 'tsplay'
import { drainAndReset } from 'tsplay/tasks'
import * as v from 'valibot'

const reset = playbook('reset', {
  vars: v.object({
    confirm: v.optional(v.string()),
    podSubnet: v.optional(v.string()),
    forceDrain: v.optional(v.boolean(), false),
  }),
})

reset.play('Reset the workers', { hosts: 'workers', become: true, serial: 1 }, async (host) => {
  const { confirm, podSubnet, forceDrain } = host.vars
  const [controlPlane] = host.run.hosts('control_plane')
  await drainAndReset(host, { confirm, podSubnet, forceDrain, controlPlane })
})

reset.play('Reset the control plane', { hosts: 'control_plane', become: true, serial: 1 }, async (host) => {
  const { confirm, podSubnet } = host.vars
  await drainAndReset(host, { confirm, podSubnet })
})

export default reset
