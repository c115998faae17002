import { playbook } from 'tsplay'
import { directory, file, line, link } from 'tsplay/tasks'
import * as v from 'valibot'
import { planFor } from './plan.ts'

/** The same operations, with what belongs together given as lists. */
const bench = playbook('bench-lists', { vars: v.object({ bench_root: v.string() }) })

bench.play('Thirty operations', { hosts: 'all' }, async (host) => {
  const plan = planFor(host.vars.bench_root)
  await Promise.all([host.read`uname -r`, host.read`id -un`])
  await host.ensure(plan.directories.map((one) => directory(one)))
  await host.ensure(plan.files.map((one) => file(one)))
  await host.ensure(plan.lines.map((one) => line({ ...one, create: true })))
  await host.ensure(plan.links.map((one) => link(one)))
  for (const { creates, word } of plan.commands) await host.command({ creates })`echo ${word} > ${creates}`
  await Promise.all([host.read`cat ${plan.reads[0]}`, host.read`ls ${plan.reads[1]}`])
})

export default bench
