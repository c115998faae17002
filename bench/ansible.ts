import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { planFor } from './plan.ts'

/** Writes what Ansible needs for the same operations, and gives the command. */
export async function ansibleCommand(place: Place, rootOf: (host: string) => string): Promise<readonly string[]> {
  const { folder, hosts } = place
  const inventory = hosts.map(
    (host) =>
      `${host.name} ansible_host=${host.address} ansible_port=${host.port} ansible_user=${host.user} bench_root=${rootOf(host.name)}`,
  )
  await writeFile(
    join(folder, 'ansible.ini'),
    [
      '[all]',
      ...inventory,
      '[all:vars]',
      `ansible_ssh_private_key_file=${hosts[0]?.keyFile ?? ''}`,
      // The hosts are this machine, so its Python is theirs.
      'ansible_python_interpreter=/usr/bin/python3',
      '',
    ].join('\n'),
  )
  await writeFile(
    join(folder, 'ansible.cfg'),
    [
      '[defaults]',
      `forks = ${hosts.length}`,
      'gathering = explicit',
      'nocows = true',
      '[ssh_connection]',
      'pipelining = True',
      `ssh_args = -o ControlMaster=auto -o ControlPersist=10s -o UserKnownHostsFile=${process.env['HOME'] ?? ''}/none -o GlobalKnownHostsFile=${join(folder, '..', '.ssh', 'known_hosts')}`,
      `control_path_dir = ${join(folder, 'cp')}`,
      '',
    ].join('\n'),
  )
  const file = join(folder, 'ansible.yml')
  await writeFile(file, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: tasks() }]))
  return ['ansible-playbook', '-i', join(folder, 'ansible.ini'), file]
}

/** JSON is YAML. */
function tasks(): object[] {
  const plan = planFor('{{ bench_root }}')
  const read = (command: string) => ({ command, changed_when: false })
  return [
    read('uname -r'),
    read('id -un'),
    ...plan.directories.map(({ path, mode }) => ({ file: { path, mode, state: 'directory' } })),
    ...plan.files.map(({ path, mode, content }) => ({ copy: { dest: path, mode, content } })),
    ...plan.lines.map(({ path, line }) => ({ lineinfile: { path, line, create: true } })),
    ...plan.links.map(({ path, target }) => ({ file: { path, src: target, state: 'link' } })),
    ...plan.commands.map(({ creates, word }) => ({ shell: { cmd: `echo ${word} > ${creates}`, creates } })),
    read(`cat ${plan.reads[0]}`),
    read(`ls ${plan.reads[1]}`),
  ]
}
