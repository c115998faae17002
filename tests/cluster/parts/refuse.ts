import { site } from '../rig.ts'
import { assertSame, filesOf } from '../snapshot.ts'
import { type Part, refused } from '../trial.ts'

/** What is refused before anything is written. */
export const refuse: Part = (test, trial) => {
  test('A blank machine in the place of the control plane is refused before anything is written', async () => {
    const pin = await trial.pin()
    const [rig, blank, worker] = [await trial.rig(), await trial.blank(), await trial.worker()]
    const before = await filesOf(blank)
    const wrong = await trial.inventory({ controlPlane: blank, workers: [worker] })
    refused(await rig.run('run', site, '-i', wrong), `still holds the cluster ${pin}`)
    assertSame(before, await filesOf(blank), 'the refused run wrote')
  })

  test("Pod addresses that overlap a host's network are refused before anything is written, with a free range", async () => {
    const [rig, blank] = [await trial.rig(), await trial.blank()]
    const before = await filesOf(blank)
    const vars = { podSubnet: '10.67.0.0/16' }
    const wrong = await trial.inventory({ controlPlane: blank, workers: [], vars })
    refused(
      await rig.run('run', site, '-i', wrong),
      /podSubnet 10\.67\.0\.0\/16 overlaps 10\.67\.0\.\d+\/24 of .*; 10\.244\.0\.0\/16 is free/,
    )
    assertSame(before, await filesOf(blank), 'the refused run wrote')
  })

  test('Another cluster than the one whose pin is kept is refused', async () => {
    await trial.pin()
    const rig = await trial.rig()
    const wrong = await trial.inventory({ vars: { clusterCa: `sha256:${'0'.repeat(64)}` } })
    refused(await rig.run('run', site, '-i', wrong), 'is a member of the cluster')
  })

  test("A member's version is not changed, and a living cluster is not given other addresses", async () => {
    await trial.pin()
    const rig = await trial.rig()
    const newer = await trial.inventory({ vars: { kubernetesVersion: '1.20.7' } })
    refused(await rig.run('run', site, '-i', newer), 'a member changes its version only by an upgrade')
    const moved = await trial.inventory({ vars: { podSubnet: '10.200.0.0/16' } })
    refused(await rig.run('run', site, '-i', moved), 'networking.podSubnet is 10.244.0.0/16, not 10.200.0.0/16')
  })

  test('While the control plane does not answer, nothing is changed on the others', async () => {
    await trial.pin()
    const [rig, controlPlane, blank, worker] = [
      await trial.rig(),
      await trial.controlPlane(),
      await trial.blank(),
      await trial.worker(),
    ]
    const before = await filesOf(blank)
    await controlPlane.inside('systemctl stop ssh')
    try {
      const more = await trial.inventory({ workers: [worker, blank] })
      const run = await rig.run('run', site, '-i', more)
      refused(run, 'nobody else can tell whether the cluster is there')
    } finally {
      await controlPlane.inside('systemctl start ssh')
    }
    assertSame(before, await filesOf(blank), 'the refused run wrote')
  })
}
