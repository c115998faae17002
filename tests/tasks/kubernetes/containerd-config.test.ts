import { newUnit, unitFact } from '../../../runner/model/facts-of/unit.ts'
import { pathFact } from '../../../runner/model/facts-of/path-state.ts'
import { resource } from '../../../runner/model/resource.ts'
import { unknown } from '../../../runner/model/unknown.ts'
import { containerdConfig, containerdConfigPath } from '../../../tasks/kubernetes/containerd-config.ts'
import { EngineRig } from '../../helpers/engine-rig.ts'
import { assert, suite } from '../../helpers/suite.ts'

/** Stands for a package that will bring the configuration. */
const bringing = resource<object, { readonly unit: unknown }, object>({
  kind: 'package-stand-in',
  id: () => 'containerd',
  probes: () => ({ unit: { fact: unitFact('tsplay-none'), script: 'echo', parse: () => newUnit() } }),
  diff: () => [{ field: 'version', before: undefined, after: '1.6.20' }],
  apply: () => [],
  after: () => ({ unit: newUnit() }),
  effects: () => {
    const why = 'the package says it when it is installed'
    const file = { kind: 'file', mode: unknown(why), size: unknown(why), sha256: unknown(why), content: unknown(why) }
    return [{ fact: pathFact(containerdConfigPath), value: file }]
  },
  out: () => ({}),
})

suite("containerd's configuration in check mode", (test) => {
  test('settings are foreseen for certain in a file that the package is yet to bring', async () => {
    await using rig = await EngineRig.make()
    const { end, finished } = await rig.check(async (host) => {
      await host.ensure(bringing({}))
      await host.ensure(containerdConfig({ packageName: 'containerd', cgroupDriver: 'systemd' }))
    })
    assert.is(end.status, 'ok')
    const config = finished.find(({ kind }) => kind === 'containerd-config')
    assert.is(config?.status, 'changed')
    assert.equal(
      config?.changes.map(({ field }) => field),
      ['container runtime', 'cgroup driver'],
    )
  })
})
