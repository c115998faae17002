import { readFile } from 'node:fs/promises'
import type { Host } from '../../runner/model/host.ts'
import { Secret, secret } from '../../runner/model/secret.ts'
import { file } from '../../tasks/index.ts'
import type { EngineRig } from '../helpers/engine-rig.ts'
import { changed, settled, tenOperations } from '../helpers/read-ahead-bodies.ts'
import { assert, suite } from '../helpers/suite.ts'

suite(
  'what is kept to read ahead',
  (test) => {
    test('a record that is wrong, old or hostile costs time and nothing else', async () => {
      await using rig = await settled(tenOperations)
      const [key = ''] = rig.records.texts.keys()
      const mark = rig.path('owned')
      const questions = [
        ['path', `${rig.path('x')}; touch ${mark}`, 'digest'],
        ['path', `/x'; touch ${mark}; '`, `digest'; touch ${mark}; '`],
        ['path', '/x', 'always', `1; touch ${mark}`],
        ['existence', `$(touch ${mark})`],
        ['group', `root; touch ${mark}`],
        ['user', `root'; touch ${mark}; '`, { password: true }],
        ['package', `x; touch ${mark}`],
        ['unit', `x; touch ${mark}`],
        ['sysctl', `x; touch ${mark}`],
        ['due', `restart; touch ${mark}`, `x; touch ${mark}`],
        ['container-image', `$(touch ${mark})`, 'x'],
        ['container', `'';touch ${mark};for e in podman`, 'x', { env: [], labels: [] }],
        ['nftables', 'inet', `x; touch ${mark}`, null],
        ['kubernetes-objects', `x; touch ${mark}`, [`/x'; touch ${mark}; '`]],
        ['kubernetes-cluster', `x'; touch ${mark}; '`],
        ['script', `touch ${mark}`],
        [`touch ${mark}`],
        ['constructor', `touch ${mark}`],
        null,
        {},
        17,
      ]
      const hostile = [
        JSON.stringify([{ stretches: [questions, questions] }]),
        JSON.stringify([{ stretches: [Array.from({ length: 5000 }, (_, i) => ['path', `/x${i}`, 'digest'])] }]),
        '17',
        'null',
        '[[]]',
        '[{"stretches": [1]}]',
        '[{"stretches": {}}]',
      ]
      for (const text of hostile) {
        rig.records.texts.set(key, text)
        const report = await rig.run(tenOperations(rig))
        assert.is(report.end.status, 'ok')
        assert.equal(changed(report), [])
        assert.is(await readFile(mark, 'utf8').catch(() => 'absent'), 'absent')
      }
    })
    test('nothing of a secret is kept, nor the digest of what is written', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        const content = secret`${new Secret('tops3cret-value')}`
        await host.ensure(file({ path: rig.path('a'), content }))
        await host.ensure(file({ path: rig.path('tops3cret-value'), content: 'x' }))
      }
      await using rig = await settled(body)
      const kept = [...rig.records.texts.values()].join('\n')
      assert.match(kept, /"path"/)
      assert.not.match(kept, /tops3cret/)
      assert.not.match(kept, /[0-9a-f]{64}/)
      const report = await rig.run(body(rig))
      assert.equal(changed(report), [])
    })
  },
  240_000,
)
