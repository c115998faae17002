import type { Host } from '../../runner/model/host.ts'
import { resource } from '../../runner/model/resource.ts'
import { probe } from '../../runner/model/typed-probe.ts'
import { daemonReload, reload, restart } from '../../runner/model/trigger.ts'
import { file } from '../../tasks/files/file.ts'
import { service } from '../../tasks/system/service.ts'
import { type LabHost, labHosts } from '../lab/lab.ts'
import { trial } from '../tasks/lab-trial.ts'
import { assert, suite } from '../helpers/suite.ts'

const conf = '/etc/probe.conf'
const unit = `[Service]
ExecStart=/bin/sh -c 'grep -q broken ${conf} && exit 3; exec sleep 100000'
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
`
const configured =
  (content: string, onChange = [restart('probe')]) =>
  (host: Host) =>
    host.ensure(file({ path: conf, content }), { onChange })

/** A resource that knows itself what its change calls for. */
const note = resource({
  kind: 'note',
  id: () => '/etc/note',
  probes: () => ({
    said: probe.script('note', 'cat /etc/note 2>/dev/null', (raw) => raw.trim(), { touches: ['path:/etc/note'] }),
  }),
  diff: ({ content }: { readonly content: string }, { said }) =>
    said === content ? [] : [{ field: 'content', before: said, after: content }],
  apply: ({ content }) => [{ script: `echo ${content} > /etc/note` }],
  after: ({ content }) => ({ said: content }),
  out: () => ({}),
  onChange: () => [reload('probe')],
})

/** Predicts, runs, and holds one against the other; gives the statuses. */
async function both(lab: LabHost, body: (host: Host) => Promise<unknown>): Promise<readonly string[]> {
  const predicted = await trial(lab, body, { check: true })
  const made = await trial(lab, body)
  assert.is(made.error, undefined)
  assert.equal(predicted.statuses, made.statuses)
  return made.statuses
}

suite(
  'what changes call for',
  (test) => {
    test('is done once, as it was predicted, also after a crash, and not for what others did or what is down', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const [host] = lab.hosts
      if (host === undefined) throw new Error('no host')
      const id = () => host.inside('systemctl show -p InvocationID --value probe')
      await host.inside(
        `cat > /etc/systemd/system/probe.service <<'END'\n${unit}END\nsystemctl daemon-reload; : > ${conf}`,
      )

      assert.equal(await both(host, configured('one')), ['file changed'], 'what is down is not started')
      await host.inside('systemctl start probe')
      assert.equal(await both(host, configured('two')), ['file changed', 'restart changed'])
      assert.equal(await both(host, configured('two')), ['file ok'])
      assert.equal(await both(host, configured('three', [reload('probe'), daemonReload()])), [
        'file changed',
        'daemon-reload changed',
        'reload changed',
      ])

      const first = await id()
      // What a run leaves that is cut between the change and the restart.
      await host.inside(`printf four > ${conf}; chown root:root ${conf}`)
      await host.inside(`printf %s ${first.trim()} > /run/tsplay/due/restart-probe.service`)
      assert.equal(await both(host, configured('four')), ['file ok', 'restart changed'], 'an earlier run owes it')
      assert.is.not(await id(), first)

      await host.inside(`printf %s ${first.trim()} > /run/tsplay/due/restart-probe.service`)
      assert.equal(await both(host, configured('four')), ['file ok'], 'somebody else has restarted it')
      await host.inside(`printf %s ${first.trim()} > /run/tsplay/due/restart-probe.service`)
      assert.equal(await both(host, configured('five')), ['file changed', 'restart changed'], 'and then it changed')

      const served = async (it: Host) => {
        await configured('six')(it)
        await it.ensure(service({ name: 'probe', running: true }))
      }
      assert.equal(await both(host, served), ['file changed', 'service changed'], 'the service has done it')
      assert.equal(await both(host, served), ['file ok', 'service ok'])

      const broken = await trial(host, configured('broken'))
      assert.equal(broken.statuses, ['file changed', 'restart failed'])
      const still = await trial(host, configured('broken'))
      assert.equal(still.statuses, ['file ok', 'restart failed'], 'a run over a broken unit is no success')
      assert.equal(await both(host, configured('mended')), ['file changed', 'restart changed'])
      assert.is((await host.inside('systemctl is-active probe')).trim(), 'active')

      const refused = await trial(host, (it) =>
        it.as('deploy').ensure(file({ path: '/tmp/of-deploy', content: 'x' }), { onChange: restart('probe') }),
      )
      assert.equal(refused.statuses, ['file failed'], 'what can not be noted is not begun')
      assert.is((await host.inside('ls /tmp/of-deploy 2>/dev/null || echo none')).trim(), 'none')
    })

    test('is also what a resource calls for by itself, and only where it has changed itself', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const [host] = lab.hosts
      if (host === undefined) throw new Error('no host')
      await host.inside(
        `cat > /etc/systemd/system/probe.service <<'END'\n${unit}END\nsystemctl daemon-reload; : > ${conf}; systemctl start probe`,
      )
      const listed = (content: string, other: string) => (it: Host) =>
        it.ensure([note({ content }), file({ path: '/etc/other.conf', content: other })], {
          onChange: restart('other'),
        })

      assert.equal(await both(host, listed('one', 'one')), ['note changed', 'file changed', 'reload changed'])
      assert.equal(await both(host, listed('one', 'two')), ['note ok', 'file changed'])
      assert.equal(await both(host, listed('two', 'two')), ['note changed', 'file ok', 'reload changed'])
      const id = (await host.inside('systemctl show -p InvocationID --value probe')).trim()
      await host.inside(`printf %s ${id} > /run/tsplay/due/reload-probe.service`)
      assert.equal(await both(host, listed('two', 'two')), ['note ok', 'file ok', 'reload changed'], 'it is owed')
      const said = (it: Host) =>
        it.ensure(note({ content: 'three' }), { onChange: [reload('probe'), restart('probe')] })
      assert.equal(await both(host, said), ['note changed', 'restart changed'], 'each once')
    })
  },
  180_000,
)
