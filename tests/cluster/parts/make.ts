import { assert } from '../../helpers/suite.ts'
import { agreement } from '../agreement.ts'
import { apiRequests, countApiRequests, podsReachEachOther, readyNodes } from '../cluster.ts'
import { site } from '../rig.ts'
import { assertSame, filesOf } from '../snapshot.ts'
import { type Part, seconds, succeeded } from '../trial.ts'

/** From blank hosts to a cluster, and nothing to do afterwards. */
export const make: Part = (test, trial) => {
  test('A plan on blank hosts runs to its end, writes nothing, and says what the run then makes', async () => {
    const rig = await trial.rig()
    const hosts = [await trial.controlPlane(), await trial.worker()]
    const before = await Promise.all(hosts.map(filesOf))
    const plan = await rig.run('plan', site, '-i', await trial.inventory())
    succeeded(plan)
    assert.not.match(plan.output, 'not predicted further')
    const after = await Promise.all(hosts.map(filesOf))
    for (const [i, list] of before.entries()) assertSame(list, after[i] ?? [], `the plan wrote on host ${i}`)
    const run = await rig.run('run', site, '-i', await trial.inventory())
    trial.made(run)
    const said = agreement(plan.events, run.events)
    console.log(`  predicted: ${said.certain} certain, ${said.may} may`)
    assert.equal(said.notMade, [])
    assert.equal(said.unforeseen, [])
    assert.ok(said.may <= 0.1 * (said.certain + said.may), 'more than a tenth is may')
    const own = run.events
      .filter((event) => event.type === 'operation-finished' && ['control-plane', 'worker'].includes(event.kind))
      .reduce((sum, event) => sum + (event.type === 'operation-finished' ? event.durationMs : 0), 0)
    console.log(`  site.ts from blank: ${seconds(run.durationMs)}, of which kubeadm ${seconds(own)}`)
    assert.equal(await readyNodes(await trial.controlPlane()), 2)
    const worker = await trial.worker()
    assert.match(await worker.inside('cat /var/lib/kubelet/kubeadm-flags.env'), `--node-ip=${worker.address}`)
  })

  test('A Pod on each node reaches the one on the other', async () => {
    await trial.pin()
    const [one, other] = [await trial.controlPlane(), await trial.worker()]
    await podsReachEachOther(one, [one.name, other.name])
  })

  test('A second run changes nothing, and asks the API at most ten times', async () => {
    await trial.pin()
    const rig = await trial.rig()
    const hosts = [await trial.controlPlane(), await trial.worker()]
    await countApiRequests(hosts)
    const again = await rig.run('run', site, '-i', await trial.inventory())
    succeeded(again)
    const requests = await apiRequests(hosts)
    const connects = again.events.flatMap((event) => (event.type === 'host-connected' ? [event.durationMs] : []))
    console.log(`  again: ${seconds(again.durationMs)}, ${requests} requests, connects of ${connects.join(' and ')} ms`)
    assert.match(again.output, '0 changed')
    assert.not.match(again.output, /changed=[1-9]/)
    assert.ok(requests > 0 && requests <= 10, `${requests} requests`)
  })
}
