/** The main job: 30 operations of every kind on all hosts, below one folder each, and 12 that only whole machines bear. */
import { playbook, Secret, task } from 'tsplay'
import {
  absent,
  authorizedKey,
  block,
  directory,
  download,
  file,
  group,
  line,
  link,
  packages,
  service,
  sysctl,
  template,
  user,
} from 'tsplay/tasks'
import { daemonReload, restart } from 'tsplay'
import * as v from 'valibot'

const site = playbook('main job', {
  vars: v.object({ folder: v.string(), url: v.string(), sha256: v.string() }),
  groups: ['rig', 'lab'],
})

const app = task('app', async (host, { path, port }: { readonly path: string; readonly port: number }) => {
  await host.ensure(directory({ path, mode: '0750' }))
  await host.ensure(file({ path: `${path}/app.json`, content: `${JSON.stringify({ port })}\n`, mode: '0640' }))
  await host.command({ creates: `${path}/seeded`, cwd: path })`cp app.json seeded`
})

site.play('Files', { hosts: 'all', become: true }, async (host) => {
  const { folder, url, sha256 } = host.vars
  const at = (name: string) => `${folder}/${name}`
  const names = ['api', 'web', 'worker']
  await host.ensure(directory({ path: folder, mode: '0755' }))
  await host.ensure(directory({ path: at('private'), mode: '0700', owner: 'root', group: 'root' }))
  await host.ensure(names.map((name) => directory({ path: at(name) })))
  await host.ensure(file({ path: at('motd'), content: `Welcome to ${host.name}\n` }))
  await host.ensure(file({ path: at('private/token'), content: new Secret('s3cr3t-t0ken'), mode: '0600' }))
  await host.ensure(names.map((name) => file({ path: at(`${name}/name`), content: `${name}\n`, mode: '0640' })))
  await host.ensure(
    template({
      path: at('settings'),
      source: new URL('settings.eta', import.meta.url).pathname,
      values: { name: host.name, ports: [80, 443] },
    }),
  )
  await host.ensure(line({ path: at('limits'), line: 'workers 4', create: true }))
  await host.ensure(line({ path: at('limits'), match: /^threads /, line: 'threads 8' }))
  await host.ensure(line({ path: at('limits'), match: /^never there/, state: 'absent' }))
  await host.ensure(block({ path: at('hosts'), name: 'cluster', block: '10.0.0.1 cp1\n10.0.0.2 w1\n', create: true }))
  await host.ensure(file({ path: at('kept'), content: 'new\n', backup: true }))
  await host.ensure(link({ path: at('current'), target: at('api') }))
  await host.ensure(link({ path: at('web/config'), target: '../settings' }))
  await host.ensure(absent({ path: at('old') }))
  await host.ensure(download({ url, path: at('tool'), sha256, mode: '0755' }))
  const kernel = await host.read({ touches: [] })`uname -r`.text()
  await host.ensure(file({ path: at('kernel'), content: `${kernel}\n` }))
  const motd = await host.read({ touches: [at('motd')] })`cat ${at('motd')}`.text()
  const { port } = await host.read({ touches: [] })`echo '{"port": 8080}'`.json(v.object({ port: v.number() }))
  await host.ensure(file({ path: at('copy'), content: `${motd}\n${port}\n` }))
  await host.ensure(file({ path: at('last'), content: `${names.join(' ')}\n`, owner: 'daemon', mode: '0604' }))
  await host.ensure([
    file({ path: at('web/check'), content: '#!/bin/sh\nexit 0\n', mode: '0755', validate: 'sh -n %s' }),
    link({ path: at('web/run'), target: 'check' }),
    line({ path: at('web/app.conf'), line: 'port = 8080', create: true }),
  ])
})

const unit = `[Service]
ExecStart=/bin/sh -c '. /etc/job.conf; exec sleep "$seconds"'
[Install]
WantedBy=multi-user.target
`

site.play('Whole machines', { hosts: 'lab', become: true }, async (host) => {
  await host.ensure(group({ name: 'job', gid: 4242 }))
  await host.ensure(user({ name: 'job', uid: 4242, group: 'job', shell: '/bin/sh', comment: 'The job' }))
  await host.ensure(
    authorizedKey({
      user: 'job',
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqw0vVn8eVsn5yO0nWxY7jE1mJmVq1vQf0zX5m8G7pA job',
    }),
  )
  await host.ensure(file({ path: '/home/job/notes', content: 'mine\n', owner: 'job', group: 'job' }))
  await host.ensure(sysctl({ name: 'job', values: { 'net.ipv4.ip_forward': 1 } }))
  await host.ensure(file({ path: '/etc/systemd/system/job.service', content: unit }), { onChange: daemonReload() })
  await host.ensure(file({ path: '/etc/job.conf', content: 'seconds=10000\n' }), { onChange: restart('job') })
  await host.ensure(service({ name: 'job', enabled: true, running: true }))
  await host.ensure(line({ path: '/etc/hosts', line: '192.0.2.10 registry.example' }))
  await host.ensure(packages({ names: ['cron'], brings: { units: ['cron'], directories: ['/etc/cron.d'] } }))
  await host.ensure(file({ path: '/etc/cron.d/job', content: '# nothing yet\n' }))
  await host.ensure(service({ name: 'cron', enabled: true, running: true }))
})

site.play('Commands', { hosts: 'all', become: true }, async (host) => {
  const { folder } = host.vars
  const at = (name: string) => `${folder}/${name}`
  await app(host, { path: at('app'), port: 8080 })
  await host.command({ creates: at('made') })`date > ${at('made')}`
  await host.command({ unless: `grep -q two ${folder}/made-too` })`echo two > ${at('made-too')}`
  await host.command({ onlyIf: `[ ! -e ${folder}/once ]` })`touch ${at('once')}`
  await host.command({ everyTime: true, changed: () => false })`true`
})

const users = site.play('Who is who', { hosts: 'all' }, async (host) => ({
  login: await host.read({ touches: [] })`id -un`.text(),
}))

site.play('One host for all', { hosts: 'lab[0]', needs: { users } }, async (host, given) => {
  host.log(`${given.users.size} hosts say who they are`)
  await host.read({ touches: [] })`true`
})

export default site
