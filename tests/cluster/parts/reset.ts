import { assert } from '../../helpers/suite.ts'
import { agreement } from '../agreement.ts'
import { readyNodes } from '../cluster.ts'
import { reset as resetBook } from '../rig.ts'
import { tracesOf } from '../snapshot.ts'
import { type Part, refused, succeeded, unchanged } from '../trial.ts'

const ownRules = [
  'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  'iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT',
  'iptables -P INPUT DROP',
  'iptables -t nat -A PREROUTING -p tcp --dport 8888 -j REDIRECT --to-ports 22',
]

const savedRules = [
  'iptables :INPUT DROP',
  'iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
  'iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT',
  'iptables -A PREROUTING -p tcp -m tcp --dport 8888 -j REDIRECT --to-ports 22',
]

/** A cluster is taken off its hosts. */
export const reset: Part = (test, trial) => {
  test("A reset wants the cluster's pin, and leaves what is not Kubernetes'", async () => {
    const pin = await trial.pin()
    const [rig, controlPlane, worker] = [await trial.rig(), await trial.controlPlane(), await trial.worker()]
    refused(await rig.run('run', resetBook, '-i', await trial.inventory()), 'the reset is not confirmed')
    assert.equal(await readyNodes(controlPlane), 2)
    const blank = await tracesOf(await trial.blank())
    await worker.inside(ownRules.join(';'))
    const words = [resetBook, '-i', await trial.inventory(), '-e', `confirm=${pin}`]
    const plan = await rig.run('plan', ...words)
    succeeded(plan)
    const run = await rig.run('run', ...words)
    succeeded(run)
    trial.gone()
    const said = agreement(plan.events, run.events)
    assert.equal([...said.notMade, ...said.unforeseen], [])
    succeeded(await rig.run('ping', 'all', '-i', await trial.inventory()))
    const { rules, routes, ...rest } = await tracesOf(worker)
    assert.equal(rules.toSorted(), savedRules.toSorted())
    const { routes: _, rules: __, ...expected } = blank
    assert.equal(rest, expected)
    assert.is(routes.length, blank.routes.length)
    const first = await tracesOf(controlPlane)
    assert.equal({ ...first, routes: first.routes.length }, { ...blank, routes: blank.routes.length })
    await worker.inside('iptables -P INPUT ACCEPT; iptables -F INPUT; iptables -t nat -F PREROUTING')
    unchanged(await rig.run('run', resetBook, '-i', await trial.inventory()))
  })

  test('After a reset the same hosts are a cluster again, which is another one', async () => {
    const again = await trial.pin()
    assert.match(again, /^sha256:/)
    assert.is(await readyNodes(await trial.controlPlane()), 2)
  })
}
