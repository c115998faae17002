import { playbook } from 'tsplay'
import { directory, file, line, link } from 'tsplay/tasks'

const demo = playbook('demo')

demo.play('Prepare every host', { hosts: 'all', become: true }, async (host) => {
  const { os, cpus, memoryMb } = await host.facts
  await host.ensure(directory({ path: '/srv/demo', mode: '0755' }))
  await host.ensure(
    file({ path: '/etc/motd', content: `Welcome to ${host.name}: ${os.name}, ${cpus} CPUs, ${memoryMb} MiB.\n` }),
  )
  await host.ensure(line({ path: '/etc/hosts', line: '192.0.2.10 registry.example' }))
  const names = ['api', 'web', 'worker']
  await host.ensure(names.map((name) => directory({ path: `/srv/demo/${name}`, mode: '0750' })))
  await host.ensure(
    names.map((name) => file({ path: `/srv/demo/${name}/settings.json`, content: JSON.stringify({ name }) + '\n' })),
  )
  await host.ensure(link({ path: '/srv/demo/current', target: '/srv/demo/api' }))
  await host.command({ creates: '/srv/demo/seeded' })`date > /srv/demo/seeded`
})

export default demo
