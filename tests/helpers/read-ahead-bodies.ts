import type { Host } from '../../runner/model/host.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { line } from '../../tasks/files/line.ts'
import { link } from '../../tasks/files/link.ts'
import { type BodyReport, EngineRig } from './engine-rig.ts'
import { assert } from './suite.ts'

export type Act = (host: Host) => Promise<unknown>

/** Ten operations of several kinds, each awaited by itself. */
export const tenOperations = (rig: EngineRig) => async (host: Host) => {
  await host.ensure(directory({ path: rig.path('d') }))
  await host.ensure(file({ path: rig.path('d/a'), content: 'one\n' }))
  await host.ensure(file({ path: rig.path('d/b'), content: 'two\n', mode: '0640' }))
  for (const word of ['x', 'y', 'z']) await host.ensure(line({ path: rig.path('d/l'), line: word, create: true }))
  await host.ensure(link({ path: rig.path('d/k'), target: 'a' }))
  await host.command({ creates: rig.path('d/seed') })`echo seed > ${rig.path('d/seed')}`
  await host.command({ creates: rig.path('d/more') })`echo more > ${rig.path('d/more')}`
  await host.ensure(file({ path: rig.path('d/c'), content: 'three\n' }))
}

/** A rig on which the body was run, so that it is known what it asks, and changes nothing any more. */
export async function settled(body: (rig: EngineRig) => Act): Promise<EngineRig> {
  const rig = await EngineRig.make({ readAhead: true })
  for (const _ of [1, 2]) {
    const { end } = await rig.run(body(rig))
    assert.is(end.status, 'ok', String((end as { error?: unknown }).error))
  }
  return rig
}

export const changed = ({ statuses }: BodyReport) => statuses.filter((status) => status.endsWith(' changed'))
