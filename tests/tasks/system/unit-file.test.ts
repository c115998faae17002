import type { Host } from '../../../runner/model/host.ts'
import { restart } from '../../../runner/model/trigger.ts'
import { service } from '../../../tasks/system/service.ts'
import { unitFile } from '../../../tasks/system/unit-file.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { type LabHost, labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

const content = (seconds: number) =>
  `[Service]\nExecStart=/bin/sleep ${seconds}\n[Install]\nWantedBy=multi-user.target\n`

const app = (seconds: number) => async (host: Host) => {
  await host.ensure(unitFile({ name: 'nap', content: content(seconds) }), { onChange: restart('nap') })
  await host.ensure(service({ name: 'nap', enabled: true, running: true }))
}

suite(
  'unit file',
  (test) => {
    test('of a new unit lets the service after it be foreseen, and a change of it restarts the service once', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const predicted = await trial(host, app(1000), { check: true })
      const made = await trial(host, app(1000))
      assert.is(made.error, undefined)
      assert.equal(made.statuses, ['unit-file changed', 'service changed'])
      assert.equal(predicted.statuses, made.statuses)
      assert.equal(
        predicted.finished.map(({ changes }) => changes),
        made.finished.map(({ changes }) => changes),
      )
      assert.equal((await trial(host, app(1000))).statuses, ['unit-file ok', 'service ok'])
      const foreseen = await trial(host, app(2000), { check: true })
      const changed = await trial(host, app(2000))
      assert.equal(changed.finished[1]?.changes, [{ field: 'restart', before: undefined, after: true }])
      assert.equal(foreseen.statuses, changed.statuses)
      assert.match(await host.inside('systemctl show -p ExecStart nap'), 'sleep 2000')
      assert.equal((await trial(host, app(2000))).statuses, ['unit-file ok', 'service ok'])
    })
  },
  120_000,
)
