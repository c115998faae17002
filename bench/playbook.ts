import { playbook } from 'tsplay'
import { directory, file, line, link } from 'tsplay/tasks'
import * as v from 'valibot'
import { planFor } from './plan.ts'

/** The 30 operations one after another, as they are written by somebody who thinks of no round trips. */
const bench = playbook('bench', { vars: v.object({ bench_root: v.string() }) })

bench.play('Thirty operations', { hosts: 'all' }, async (host) => {
  const plan = planFor(host.vars.bench_root)
  await host.read`uname -r`
  await host.read`id -un`
  for (const one of plan.directories) await host.ensure(directory(one))
  for (const one of plan.files) await host.ensure(file(one))
  for (const one of plan.lines) await host.ensure(line({ ...one, create: true }))
  for (const one of plan.links) await host.ensure(link(one))
  for (const { creates, word } of plan.commands) await host.command({ creates })`echo ${word} > ${creates}`
  await host.read`cat ${plan.reads[0]}`
  await host.read`ls ${plan.reads[1]}`
})

export default bench
