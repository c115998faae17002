import { type Json, listAt, textAt } from '../../../tasks/kubernetes/kubectl.ts'
import { assert } from '../../helpers/suite.ts'
import { site } from '../rig.ts'
import { type Part, refused, succeeded, unchanged } from '../trial.ts'

const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml'

/** Nodes that somebody has changed since. */
export const mend: Part = (test, trial) => {
  test('A kubelet that was stopped is started again, on the control plane and on the worker', async () => {
    await trial.pin()
    const rig = await trial.rig()
    const hosts = [await trial.controlPlane(), await trial.worker()]
    for (const host of hosts) await host.inside('systemctl stop kubelet')
    const plan = await rig.run('plan', site, '-i', await trial.inventory())
    succeeded(plan)
    assert.match(plan.output, /changed=1\b[^]*changed=1\b/)
    succeeded(await rig.run('run', site, '-i', await trial.inventory()))
    for (const host of hosts) assert.match(await host.inside('systemctl is-active kubelet'), 'active')
    unchanged(await rig.run('run', site, '-i', await trial.inventory()))
  })

  test('A manifest that was edited or taken away is named, and what the error says brings it back', async () => {
    await trial.pin()
    const [rig, host] = [await trial.rig(), await trial.controlPlane()]
    await host.inside(`cp ${manifest} /root/scheduler.yaml`)
    await host.inside(`sed -i s/kube-scheduler:v1.20.2/kube-scheduler:v1.20.1/ ${manifest}`)
    refused(await rig.run('run', site, '-i', await trial.inventory()), `${manifest} runs v1.20.1, not v1.20.2`)
    await host.inside(`rm ${manifest}`)
    const gone = await rig.run('run', site, '-i', await trial.inventory())
    refused(gone, `${manifest} is missing`)
    const remedy = /(kubectl -n kube-system get configmap[^]*?--config c\.yaml)/.exec(
      gone.output.replace(/\n\s+/g, ' '),
    )
    assert.ok(remedy, gone.output)
    await host.inside(`cd /root; export KUBECONFIG=/etc/kubernetes/admin.conf; ${remedy[1]}`)
    unchanged(await rig.run('run', site, '-i', await trial.inventory()))
  })

  test('A worker that the cluster has forgotten is listed again', async () => {
    await trial.pin()
    const [rig, host, worker] = [await trial.rig(), await trial.controlPlane(), await trial.worker()]
    await host.inside(`kubectl --kubeconfig /etc/kubernetes/admin.conf delete node ${worker.name}`)
    succeeded(await rig.run('run', site, '-i', await trial.inventory()))
    unchanged(await rig.run('run', site, '-i', await trial.inventory()))
  })

  test('Labels and taints are as the inventory has them', async () => {
    await trial.pin()
    const [rig, host] = [await trial.rig(), await trial.controlPlane()]
    const vars = { nodeLabels: { 'example.com/rack': 'r1' }, nodeTaints: [] }
    const marked = await trial.inventory({ vars })
    succeeded(await rig.run('run', site, '-i', marked))
    const nodes = await host.inside('kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o json')
    const { items } = JSON.parse(nodes) as { items: readonly Json[] }
    for (const node of items) {
      assert.is(textAt(node, 'metadata', 'labels', 'example.com/rack'), 'r1')
      const taints = listAt(node, 'spec', 'taints').map((taint) => textAt(taint, 'key') ?? '')
      // A node that is slow for a while has others for as long.
      assert.equal(
        taints.filter((key) => !key.startsWith('node.kubernetes.io/')),
        [],
      )
    }
    unchanged(await rig.run('run', site, '-i', marked))
  })
}
