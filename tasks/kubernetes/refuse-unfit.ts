import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import type { NodeReport } from './inspect-node.ts'
import { type PreflightOptions, preflightProblems } from './preflight.ts'
import { preflightLint } from './preflight-lint.ts'

/**
 * Ends the body, before its first write, where what all hosts said speaks against the cluster: ranges of addresses that
 * overlap, a blank machine in the place of one that had the cluster, machines too small, twins.
 * @throws `OPTIONS` with everything that is wrong.
 * @example
 * const site = playbook('site')
 * const seen = site.play('Look', { hosts: 'control_plane:workers', become: true }, (host) => inspectNode(host))
 * site.play('Judge', { hosts: 'control_plane:workers', needs: { seen } }, async (host, given) => {
 *   await refuseUnfit(host, given.seen, {
 *     podSubnet: '10.244.0.0/16',
 *     serviceSubnet: '10.96.0.0/12',
 *     controlPlanes: host.run.hosts('control_plane'),
 *     hosts: host.run.hosts('control_plane:workers'),
 *   })
 * })
 */
export const refuseUnfit = task(
  'preflight',
  async (host, reports: ReadonlyMap<string, NodeReport>, options: PreflightOptions) => {
    const problems = preflightProblems(reports, options)
    if (problems.length > 0) {
      throw new TsplayError('OPTIONS', problems.join('\n'), { hint: 'Nothing was changed.' })
    }
    const own = reports.get(host.name)
    for (const line of own === undefined ? [] : preflightLint(own)) host.log(line)
  },
)
