import {
  chmodSync,
  existsSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { Host } from '../../../runner/model/host.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { absent } from '../../../tasks/files/absent.ts'
import { block } from '../../../tasks/files/block.ts'
import { directory } from '../../../tasks/files/directory.ts'
import { download } from '../../../tasks/files/download.ts'
import { file } from '../../../tasks/files/file.ts'
import { line } from '../../../tasks/files/line.ts'
import { link } from '../../../tasks/files/link.ts'
import { type BodyReport, EngineRig } from '../../helpers/engine-rig.ts'
import { assert, suite } from '../../helpers/suite.ts'

const changesOf = ({ finished }: BodyReport) =>
  finished.map(({ kind, id, status, changes }) => ({ kind, id, status, changes }))

const fine = ({ end }: BodyReport) => assert.equal(end.status === 'failed' ? end.error : end.status, 'ok')

/** Operation by operation, what was predicted is what was made. */
function agree(predicted: BodyReport, made: BodyReport): void {
  assert.equal(predicted.statuses, made.statuses)
  changesOf(predicted).forEach((each, i) => assert.equal(each, changesOf(made)[i]))
}

/** More than fits into one command. */
const big = Buffer.alloc(400_000, 'x')

/** One of everything, each built on what those before it lead to. */
const everything = (rig: EngineRig) => async (host: Host) => {
  const at = (name: string) => rig.path(name)
  await host.ensure(directory({ path: at('srv/app/releases/1'), mode: '0755' }))
  await host.ensure(directory({ path: at('srv/app'), mode: '0750' }))
  await host.ensure(directory({ path: at('srv/own'), owner: 'nobody', group: 'nogroup' }))
  await host.ensure(directory({ path: at('srv/own'), owner: 'root' }))
  await host.ensure(file({ path: at('srv/app/releases/1/conf'), content: 'one = 1\ntwo = 2\n' }))
  await host.ensure(link({ path: at('srv/app/current'), target: 'releases/1' }))
  await host.ensure(line({ path: at('srv/app/releases/1/conf'), match: /^two/, line: 'two = 22' }))
  await host.ensure(line({ path: at('srv/app/releases/1/conf'), line: 'three = 3', after: /^one/ }))
  await host.ensure(block({ path: at('srv/app/releases/1/conf'), name: 'more', block: 'four = 4' }))
  await host.ensure(file({ path: at('srv/app/releases/1/conf'), mode: '0640' }))
  await host.ensure(file({ path: at('key'), content: new Secret('hunter2'), mode: '0600' }))
  await host.ensure(file({ path: at('big'), content: big }))
  await host.ensure(absent({ path: at('old') }))
}

suite(
  'files through the engine',
  (test) => {
    test('are predicted as they are then made, each on top of those before it', async () => {
      await using rig = await EngineRig.make()
      writeFileSync(rig.path('old'), 'old')
      const predicted = await rig.check(everything(rig))
      fine(predicted)
      assert.equal(
        [existsSync(rig.path('srv')), existsSync(rig.path('old'))],
        [false, true],
        'check mode writes nothing',
      )
      const made = await rig.run(everything(rig))
      fine(made)
      agree(predicted, made)
      assert.ok(made.statuses.every((status) => status.endsWith('changed')))
      assert.not.match(JSON.stringify(made.events), /hunter2/)
      assert.is(
        readFileSync(rig.path('srv/app/current/conf'), 'utf8'),
        'one = 1\nthree = 3\ntwo = 22\n# BEGIN more\nfour = 4\n# END more\n',
      )
      assert.equal([statSync(rig.path('srv/own')).uid, statSync(rig.path('srv/own')).gid], [0, 65534])
    })

    test('are one round trip when nothing differs, however many', async () => {
      await using rig = await EngineRig.make()
      const at = (name: string) => rig.path(name)
      const list = [
        directory({ path: at('a/b'), mode: '0700' }),
        file({ path: at('a/b/file'), content: 'text\n', mode: '0640' }),
        link({ path: at('a/link'), target: 'b/file' }),
        line({ path: at('lines'), line: 'one', create: true }),
        block({ path: at('blocks'), name: 'n', block: 'x', create: true }),
        absent({ path: at('none') }),
      ]
      fine(await rig.run((host) => host.ensure(list)))
      const { roundTrips, statuses } = await rig.run((host) => host.ensure(list))
      assert.is(roundTrips, 1)
      assert.ok(
        statuses.every((status) => status.endsWith(' ok')),
        statuses.join(),
      )
      chmodSync(at('a/b/file'), 0o600)
      rmSync(at('a/link'))
      symlinkSync('elsewhere', at('a/link'))
      writeFileSync(at('none'), '')
      const drifted = await rig.run((host) => host.ensure(list))
      fine(drifted)
      assert.equal(
        drifted.finished.flatMap(({ kind, changes }) => changes.map((change) => ({ kind, ...change }))),
        [
          { kind: 'file', field: 'mode', before: '0600', after: '0640' },
          { kind: 'link', field: 'target', before: 'elsewhere', after: 'b/file' },
          { kind: 'absent', field: 'state', before: 'file', after: undefined },
        ],
      )
      assert.is(readlinkSync(at('a/link')), 'b/file')
    })

    test('say why the owner of something new can not be told before it is made', async () => {
      await using rig = await EngineRig.make()
      const body = async (host: Host) => {
        await host.ensure(file({ path: rig.path('new'), content: 'x' }))
        await host.ensure(file({ path: rig.path('new'), owner: 'nobody' }))
      }
      const predicted = await rig.check(body)
      assert.equal(predicted.statuses, ['file changed', 'file may'])
      assert.is(predicted.finished[1]?.reason, 'whose it is depends on who makes it')
    })

    test('go on where what is there can not be known', async () => {
      await using rig = await EngineRig.make()
      const path = rig.path('file')
      const body = async (host: Host) => {
        await host.ensure(link({ path, target: 'elsewhere' }))
        await host.ensure(file({ path: rig.path('elsewhere'), content: 'text' }))
        await host.ensure(absent({ path }))
        await host.ensure(download({ path: rig.path('got'), url: 'http://127.0.0.1:1/', checksum: 'none' }))
        await host.ensure(line({ path: rig.path('got'), line: 'more' }))
        await host.ensure(file({ path: rig.path('got'), content: 'mine' }))
      }
      const predicted = await rig.check(body)
      fine(predicted)
      assert.equal(predicted.statuses.slice(0, 3), ['link changed', 'file changed', 'absent changed'])
      assert.equal(predicted.statuses.slice(-3), ['download changed', 'line may', 'file may'])
      const { changes, reason } = predicted.finished.at(-2) ?? {}
      assert.equal({ changes, reason }, { changes: [], reason: 'what http://127.0.0.1:1/ gives' })
    })

    test('are seen through a link that was written through before', async () => {
      await using rig = await EngineRig.make()
      writeFileSync(rig.path('real'), 'old\n')
      symlinkSync('real', rig.path('link'))
      const body = async (host: Host) => {
        await host.ensure(file({ path: rig.path('link'), content: 'new\n' }))
        await host.ensure(line({ path: rig.path('real'), line: 'more' }))
      }
      const predicted = await rig.check(body)
      const made = await rig.run(body)
      agree(predicted, made)
      assert.is(readFileSync(rig.path('real'), 'utf8'), 'new\nmore\n')
    })
  },
  20_000,
)
