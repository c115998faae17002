/** Lab hosts for people: `npm run lab` says what there is. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labFolder, locked, labProblem, run, script } from './folder.ts'
import { buildKubernetes, builtVersion, kubernetesFolder, kubernetesProblem } from './kubernetes/folder.ts'
import { kubernetesServers } from './kubernetes/servers.ts'
import { boot, machines, networkUp, shutDown } from './machine.ts'

const usage = `Usage: npm run lab -- COMMAND
  up NAME …               boots hosts (Debian 12, systemd, sshd, sudo, no Python); the first one ever takes a minute more
  list                    which hosts are up, and where
  ssh NAME [COMMAND …]    logs in as root, or runs a command there
  inventory               prints an inventory of the hosts that are up
  down NAME … | all       stops hosts and wipes them
  base trixie             makes what hosts of Debian 13 share, in some two minutes: tests of run0 then run
  kubernetes [VERSION …]  builds a real Kubernetes to install on hosts (${builtVersion}; others are that one, stamped), in
                          about 8 minutes, into ${kubernetesFolder()};
                          hosts that are booted afterwards can run containers; --no-build only says whether it is there
  serve                   gives hosts its packages and images, until Ctrl-C, and prints an inventory for a cluster of the
                          hosts that are up: the first one is the control plane
Users: root; deploy (sudo without a password); ops (sudo with the password "ops-secret"); all with ${labFolder()}/id`

const [command, ...names] = process.argv.slice(2)
const problem = await labProblem()
if (problem !== undefined) fail(`There can be no lab here: ${problem}.`)
if (command === 'up' && names.length > 0) await up()
else if (command === 'down' && names.length > 0) await down()
else if (command === 'base' && names[0] === 'trixie') await locked('base.lock', 'base.sh', labFolder(), 'trixie')
else if (command === 'ssh' && names.length > 0) await ssh()
else if (command === 'list') for (const it of await ours()) console.log(`${it.name}  10.67.0.${it.number}`)
else if (command === 'inventory') await inventory()
else if (command === 'kubernetes') await kubernetes()
else if (command === 'serve') await serve()
else fail(usage)

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

/** Hosts of tests that run at the same time are theirs. */
async function ours() {
  return (await machines()).filter(({ owner }) => owner === undefined)
}

async function up(): Promise<void> {
  const taken = (await ours()).map(({ name }) => name)
  const id = join(labFolder(), 'id')
  const kubernetes = kubernetesProblem() === undefined
  for (const name of names) {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) fail(`A host name is lower-case letters, digits and dashes: ${name}`)
    if (taken.includes(name)) fail(`${name} is up already`)
    await mkdir(labFolder(), { recursive: true })
    if (!existsSync(id)) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', id])
    const { address } = await boot(name, (await readFile(`${id}.pub`, 'utf8')).trim(), undefined, { kubernetes })
    console.log(`${name}  ${address}`)
  }
}

async function down(): Promise<void> {
  const hosts = await ours()
  const wanted = names[0] === 'all' ? hosts : hosts.filter(({ name }) => names.includes(name))
  for (const { name, number } of wanted) {
    await shutDown(number)
    console.log(`${name} is down`)
  }
}

async function kubernetes(): Promise<void> {
  const asked = names.filter((name) => name !== '--no-build').map((name) => name.replace(/^v/, ''))
  const versions = asked.length === 0 ? [builtVersion] : asked
  const odd = versions.find((version) => !/^1\.20\.\d+$/.test(version))
  if (odd !== undefined) fail(`A version is 1.20 with a third number, such as ${builtVersion}: ${odd}`)
  const missing = versions.map((version) => kubernetesProblem(version)).find((it) => it !== undefined)
  if (names.includes('--no-build')) {
    if (missing !== undefined) fail(missing)
  } else process.exitCode = await buildKubernetes(versions)
}

async function serve(): Promise<void> {
  const missing =
    kubernetesProblem() ?? ((await ours()).length === 0 ? 'no hosts are up: npm run lab -- up cp1 w1' : undefined)
  if (missing !== undefined) fail(missing)
  await networkUp()
  const { repository, registry } = await kubernetesServers()
  const hosts = (await ours()).toSorted((one, other) => one.number - other.number)
  const [first = '', ...others] = hosts.map(({ name, number }) => `${name}: { ansible_host: 10.67.0.${number} }`)
  console.log(`all:
  vars:
    ansible_user: deploy
    ansible_ssh_private_key_file: ${join(labFolder(), 'id')}
    kubernetesVersion: '${builtVersion}'
    podSubnet: 10.244.0.0/16
    podNetwork: ${script('kubernetes/pod-network.yaml')}
    kubernetesRepository: { url: '${repository}', key: { url: '${repository}Release.key' } }
    registryMirrors: { k8s.gcr.io: ['${registry}'] }
    # Lab hosts are containers: their control groups are of version 1, and the connection table's size is not theirs to set.
    cgroupDriver: cgroupfs
    kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } }
  children:
    control_plane:
      hosts:
        ${first}
    workers:
      hosts:
${others.map((host) => `        ${host}\n`).join('')}`)
}

async function ssh(): Promise<void> {
  const [name, ...words] = names
  const host = (await ours()).find((it) => it.name === name)
  if (host === undefined) fail(`No host is called ${name}`)
  const options = [
    '-q',
    '-i',
    join(labFolder(), 'id'),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ]
  const { status } = spawnSync('ssh', [...options, `root@10.67.0.${host.number}`, ...words], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}

async function inventory(): Promise<void> {
  const hosts = (await ours()).map(({ name, number }) => `        ${name}: { ansible_host: 10.67.0.${number} }\n`)
  console.log(`all:
  children:
    lab:
      hosts:
${hosts.join('')}      vars:
        ansible_user: deploy
        ansible_ssh_private_key_file: ${join(labFolder(), 'id')}`)
}
