/** Sixty operations that make a server of a blank machine: accounts, a repository, packages, services, and what runs on them. */
import { playbook, restart, Secret } from 'tsplay'
import {
  absent,
  authorizedKey,
  block,
  cron,
  directory,
  file,
  group,
  hostname,
  hostsEntry,
  line,
  link,
  mount,
  packageRepository,
  packages,
  service,
  sudoers,
  sysctl,
  template,
  unitFile,
  user,
} from 'tsplay/tasks'
import * as v from 'valibot'

const site = playbook('server', { vars: v.object({ repository: v.string(), key: v.string() }) })

const keys = {
  deploy: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqw0vVn8eVsn5yO0nWxY7jE1mJmVq1vQf0zX5m8G7pA deploy',
  ada: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3vP8u0d0mYQ1yq3gM2w0rQe9kT7b5s4xW6zA1nC2dE ada',
}

site.play('The machine', { hosts: 'lab', become: true }, async (host) => {
  await host.ensure(hostname({ name: `${host.name}.example.org` }))
  await host.ensure(hostsEntry({ address: '127.0.1.1', names: [`${host.name}.example.org`, host.name] }))
  await host.ensure(
    block({ path: '/etc/hosts', name: 'registry', block: '192.0.2.10 registry.example\n192.0.2.11 mirror.example\n' }),
  )
  await host.ensure(sysctl({ name: 'server', values: { 'net.ipv4.ip_forward': 1 } }))
  await host.ensure(file({ path: '/etc/motd', content: `This is ${host.name}.\n`, mode: '0644' }))
  await host.ensure(absent({ path: '/etc/issue.net' }))
  await host.ensure(mount({ path: '/srv/cache', source: 'tmpfs', type: 'tmpfs', options: 'size=16m,nodev,nosuid' }))
  await host.ensure(line({ path: '/etc/default/locale', line: 'LANG=C.UTF-8', create: true }))
  await host.ensure(directory({ path: '/etc/systemd/journald.conf.d' }))
  await host.ensure(file({ path: '/etc/systemd/journald.conf.d/size.conf', content: '[Journal]\nSystemMaxUse=64M\n' }))
  await host.ensure(line({ path: '/etc/default/useradd', match: /^SHELL=/, line: 'SHELL=/bin/bash' }))
  const { os } = await host.facts
  await host.ensure(file({ path: '/etc/issue', content: `${os.name}\n` }))
})

site.play('Accounts', { hosts: 'lab', become: true }, async (host) => {
  await host.ensure([group({ name: 'staff-ops', gid: 4200 }), group({ name: 'app' })])
  const names = ['deploy', 'ada'] as const
  await host.ensure(names.map((name) => user({ name, groups: ['staff-ops'], shell: '/bin/bash' })))
  await host.ensure(names.map((name) => authorizedKey({ user: name, key: keys[name] })))
  await host.ensure(user({ name: 'app', group: 'app', system: true, home: '/srv/app', shell: '/usr/sbin/nologin' }))
  await host.ensure(
    names.map((name) =>
      file({ path: `/home/${name}/.inputrc`, content: 'set bell-style none\n', owner: name, group: name }),
    ),
  )
  await host.ensure(directory({ path: '/home/deploy/bin', owner: 'deploy', group: 'deploy', mode: '0750' }))
  await host.ensure(sudoers({ name: 'staff-ops', content: '%staff-ops ALL=(root) NOPASSWD: /usr/bin/systemctl\n' }))
})

site.play('The greeter', { hosts: 'lab', become: true }, async (host) => {
  await host.ensure(packageRepository({ name: 'greeter', url: host.vars.repository, key: host.vars.key }))
  await host.ensure(
    packages({
      names: ['greeter=1.2-1'],
      hold: true,
      brings: {
        units: ['greeter'],
        users: ['greeter'],
        groups: ['greeter'],
        directories: ['/etc/greeter', '/var/lib/greeter'],
        files: ['/etc/greeter/greeter.conf', '/usr/bin/greeter'],
        complete: true,
      },
    }),
  )
  const settings = 'greeting=welcome\nport=8081\n'
  await host.ensure(file({ path: '/etc/greeter/greeter.conf', content: settings }), { onChange: restart('greeter') })
  await host.ensure(file({ path: '/var/lib/greeter/names', content: 'Ada\n', owner: 'greeter', mode: '0640' }))
  await host.ensure(unitFile({ name: 'greeter', dropIn: 'limits', content: '[Service]\nLimitNOFILE=4096\n' }), {
    onChange: restart('greeter'),
  })
  await host.ensure(service({ name: 'greeter', enabled: true, running: true }))
  await host.ensure(link({ path: '/usr/local/bin/hello', target: '/usr/bin/greeter' }))
})

site.play('Our own service', { hosts: 'lab', become: true }, async (host) => {
  const folders = ['/srv/app', '/srv/app/bin', '/srv/app/data', '/srv/app/releases']
  await host.ensure(folders.map((path) => directory({ path, owner: 'app', group: 'app', mode: '0750' })))
  await host.ensure(file({ path: '/srv/app/bin/serve', content: '#!/bin/sh\nexec sleep infinity\n', mode: '0755' }))
  await host.ensure(directory({ path: '/etc/app', mode: '0755' }))
  await host.ensure(
    template({
      path: '/etc/app/app.conf',
      source: new URL('app.conf.eta', import.meta.url).pathname,
      values: { name: host.name, ports: [80, 443] },
    }),
    { onChange: restart('app') },
  )
  await host.ensure(
    file({ path: '/etc/app/token', content: new Secret('t0ps3cret'), owner: 'app', group: 'app', mode: '0600' }),
    { onChange: restart('app') },
  )
  const unit = '[Service]\nUser=app\nExecStart=/srv/app/bin/serve\n[Install]\nWantedBy=multi-user.target\n'
  await host.ensure(unitFile({ name: 'app', content: unit }), { onChange: restart('app') })
  await host.ensure(service({ name: 'app', enabled: true, running: true }))
  await host.ensure(unitFile({ name: 'sweep', content: '[Service]\nType=oneshot\nExecStart=/bin/true\n' }))
  const timer = '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n'
  await host.ensure(unitFile({ name: 'sweep.timer', content: timer }))
  await host.ensure(service({ name: 'sweep.timer', enabled: true, running: true }))
  await host.ensure(directory({ path: '/srv/app/releases/42', owner: 'app' }))
  await host.ensure(link({ path: '/srv/app/current', target: 'releases/42' }))
  const assets = ['index.html', 'style.css', 'app.js']
  await host.ensure(
    assets.map((name) => file({ path: `/srv/app/releases/42/${name}`, content: `/* ${name} */\n`, owner: 'app' })),
  )
  await host.ensure(
    file({ path: '/srv/app/current/version', content: '42\n', owner: 'app', validate: 'grep -q 42 %s' }),
  )
})

site.play('The mailer', { hosts: 'lab', become: true }, async (host) => {
  const brings = {
    units: ['mailer'],
    users: ['mailer'],
    directories: ['/etc/mailer', '/var/lib/mailer'],
    complete: true,
  }
  await host.ensure(packages({ names: 'mailer', brings }))
  await host.ensure(file({ path: '/etc/mailer/relay', content: 'relay=mail.example\n', mode: '0644' }), {
    onChange: restart('mailer'),
  })
  await host.ensure(service({ name: 'mailer', enabled: true, running: true }))
  await host.ensure(cron({ name: 'backup', schedule: '30 4 * * *', command: '/srv/app/bin/backup', user: 'app' }))
  await host.ensure(cron({ name: 'report', schedule: '@daily', command: 'true', env: { MAILTO: '' } }))
})

site.play('The data', { hosts: 'lab', become: true }, async (host) => {
  const free = await host.read({ touches: [] })`df --output=avail -k / | tail -n 1`.text()
  if (Number(free) < 1000) throw new Error(`no space on ${host.name}`)
  await host.ensure(file({ path: '/srv/app/data/input', content: 'one\ntwo\n', owner: 'app' }))
  await host.command({ creates: '/srv/app/data/index' })`wc -l </srv/app/data/input >/srv/app/data/index`
  const lines = await host.read({ touches: ['/srv/app/data/index'] })`cat /srv/app/data/index`.text()
  await host.ensure(file({ path: '/srv/app/data/report', content: `${lines} lines\n`, owner: 'app' }))
  await host.command({ unless: 'grep -q seeded /srv/app/data/state' })`echo seeded >/srv/app/data/state`
  const state = await host.read({ touches: ['/srv/app/data/state'] })`cat /srv/app/data/state`.text()
  host.log(`the data is ${state}`)
})

export default site
