import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import type { NodeReport } from './inspect-node.ts'
import { preflightLint, type PreflightOptions, preflightProblems } from './preflight.ts'

/**
 * Ends the body, before its first write, where what all hosts said speaks against the cluster: ranges of addresses that
 * overlap, a blank machine in the place of one that had the cluster, machines too small, twins. Throws TsplayError
 * OPTIONS with everything that is wrong.
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
