import { TsplayError } from '../../runner/model/errors.ts'
import { scriptProbe } from '../../runner/model/probe.ts'
import { resource } from '../../runner/model/resource.ts'
import { EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

/** A file that is to be made; the shell that asks after it is killed while there is a file of the name `path.kill`. */
const made = resource({
  kind: 'made',
  id: ({ path }: { readonly path: string }) => path,
  probes: ({ path }) => ({
    there: scriptProbe(path, `[ ! -e ${path}.kill ]||kill -9 0; [ -e ${path} ]&&echo there`, (raw) => raw !== '', {
      touches: [],
    }),
  }),
  diff: (_, { there }) => (there ? [{ field: 'file', before: 'there', after: undefined }] : []),
  apply: ({ path }) => [{ script: `touch ${path}.kill` }],
  after: () => ({ there: false }),
  out: () => ({}),
})

const thrown = (error: unknown) => {
  assert.instance(error, TsplayError)
  return error as TsplayError
}

suite('answers that are cut off', (test) => {
  test('are no answers: a host whose shell is killed while it is asked has said nothing, in check mode as well', async () => {
    await using rig = await EngineRig.make()
    const path = rig.path('f')
    await rig.run((host) => host.command({ everyTime: true })`touch ${path} ${path}.kill`)
    for (const end of [
      await rig.check((host) => host.ensure(made({ path }))),
      await rig.run((host) => host.ensure(made({ path }))),
    ]) {
      const error = thrown((end.end as { error: unknown }).error)
      assert.is(error.code, 'COMMAND')
      assert.match(error.message, 'the shell that was asked was killed on the host')
    }
  })
  test('do not tell that a change was made', async () => {
    await using rig = await EngineRig.make()
    const path = rig.path('f')
    await rig.run((host) => host.command({ everyTime: true })`touch ${path}`)
    const { end, statuses } = await rig.run((host) => host.ensure(made({ path })))
    assert.equal(statuses, ['made failed'])
    const error = thrown((end as { error: unknown }).error)
    assert.is(error.code, 'COMMAND')
    assert.match(error.message, 'its shell was killed on the host half-way')
  })
})
