import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '../../helpers/suite.ts'
import { readyNodes } from '../cluster.ts'
import { reset, site } from '../rig.ts'
import { type Part, seconds, succeeded, unchanged } from '../trial.ts'

export type Cut = 'controller killed' | 'link cut'

/** The controller is killed, or the link is cut, at `points` points during an init and a join. */
export const cut =
  (how: Cut, points: number): Part =>
  (test, trial) => {
    for (let point = 0; point < points; point++) {
      test(`Cut during init and join (${how}, point ${point + 1} of ${points}), the next run ends in the same cluster`, async () => {
        const rig = await trial.rig()
        const controlPlane = await trial.controlPlane()
        // These points need hosts without a cluster.
        const left = await rig.run('run', reset, '-i', await trial.inventory())
        if (left.code !== 0) {
          const pin = await trial.pin()
          succeeded(await rig.run('run', reset, '-i', await trial.inventory(), '-e', `confirm=${pin}`))
        }
        trial.gone()
        const inventory = await trial.inventory()
        const cutAt = async (host: number, pattern: RegExp, delayMs: number) => {
          const run = rig.start('run', site, '-i', inventory, '-v')
          await run.said(pattern)
          await sleep(delayMs)
          if (how === 'controller killed') run.child.kill('SIGKILL')
          else await rig.host(host).inside(`pkill -KILL -f '^sshd: deploy' || true`)
          return run.finished
        }
        const init = await cutAt(0, /kubeadm init/, 200 + (point * 22_000) / points)
        const join = await cutAt(1, /kubeadm join/, 200 + (point * 8000) / points)
        const authority = await controlPlane.inside('cat /etc/kubernetes/pki/ca.crt')
        const end = await rig.run('run', site, '-i', inventory)
        trial.made(end)
        assert.is(await controlPlane.inside('cat /etc/kubernetes/pki/ca.crt'), authority)
        assert.equal(await readyNodes(controlPlane), 2)
        console.log(`  ${how}: init ${init.code}, join ${join.code}, then ${seconds(end.durationMs)}`)
        unchanged(await rig.run('run', site, '-i', inventory))
      })
    }
  }
