// Programs that must not compile. Behind each `// error:` stands a part of the message that the line must give; the test
// compiles this file and compares line by line, so that a constraint that is taken away turns a line red.
import * as v from 'valibot'
import { playbook, resource, restart, probe, Secret, secret, task } from '../../runner/index.ts'
import {
  acl,
  archive,
  container,
  containerImage,
  filesystem,
  firewalldRule,
  nftables,
  selinux,
  ufwRule,
} from '../../tasks/index.ts'
import { file, user } from './things.ts'

const site = playbook('site', { vars: v.object({ version: v.string() }), groups: ['k8s', 'cp', 'workers'] })
const own = task('own', async () => ({ changed: 'yes' as const, n: 1 }))
const install = task(
  'install',
  async (_host, _options: { readonly version: string; readonly channel?: 'stable' | 'edge' }) => {},
)
task('returns-a-number', async () => 1) // error: Type 'Promise<number>' is not assignable

site.play('A', { hosts: 'k8' }, async () => {}) // error: unknown group or host: k8
site.play('B', { hosts: 'k8s:!worker' }, async () => {}) // error: unknown group or host: worker
site.play('B2', { hosts: 'cp[0],works' }, async () => {}) // error: unknown group or host: works
site.play('C', { hosts: 'k8s' }, async () => ({ fn: () => 1 })) // error: a function
site.play('D', { hosts: 'k8s' }, async (host) => ({ host })) // error: a host
site.play('D2', { hosts: 'k8s' }, async () => ({ later: Promise.resolve(1) })) // error: a promise (await it)
site.play('D3', { hosts: 'k8s' }, async () => ({ seen: new Map([['a', 1]]) })) // error: a Map or Set
site.play('E', { hosts: 'k8s', bcome: true }, async () => {}) // error: 'bcome' does not exist
site.play('F', { hosts: 'k8s', serial: '25' }, async () => {}) // error: not assignable to type
site.play('G', {}, async () => {}) // error: 'hosts' is missing
site.play('H', { hosts: 'k8s', become: 0 }, async () => {}) // error: Type 'number' is not assignable
site.play('I', { hosts: 'k8s', tags: 'web' }, async () => {}) // error: Type 'string' is not assignable
site.play('J', { hosts: 'k8s', needs: { other: 'A' } }, async () => {}) // error: Type 'string' is not assignable

site.play('Bodies', { hosts: 'k8s' }, async (host) => {
  await host.ensure('x') // error: Argument of type 'string' is not assignable
  await host.ensure(install) // error: is not assignable to parameter
  await host.ensure([file({ path: '/a', content: 'x' }), 'y']) // error: Type 'string' is not assignable
  await host.ensure(file({ path: '/a', contents: 'x' })) // error: 'contents' does not exist
  await host.ensure(file({ path: '/a' })) // error: Property 'content' is missing
  await host.ensure(file({ path: 1, content: '' })) // error: Type 'number' is not assignable to type 'string'
  await host.ensure(user({ name: 'x' }), { onChange: 'nginx' }) // error: Type 'string' is not assignable
  await host.ensure(user({ name: 'x' }), { notify: restart('nginx') }) // error: 'notify' does not exist
  const made = await host.ensure(file({ path: '/a', content: 'x' }))
  made.uid.toString() // error: Property 'uid' does not exist
  made.changed = true // error: read-only
  host.vars.versoin.trim() // error: Property 'versoin' does not exist
  host.vars.version = '2' // error: read-only
  host.vars.version.toFixed() // error: Property 'toFixed' does not exist
  await install(host, { version: 1 }) // error: Type 'number' is not assignable to type 'string'
  await install(host, { version: '1', chanel: 'edge' }) // error: 'chanel' does not exist
  await install(host, { version: '1', channel: 'nightly' }) // error: Type '"nightly"' is not assignable
  await install({ version: '1' }) // error: Expected 2 arguments
  const result = await own(host)
  result.n.toFixed() // error: Property 'n' does not exist
  await host.command({})`x` // error: is not assignable to parameter
  await host.command({ everyTime: false })`x` // error: Type 'false' is not assignable to type 'true'
  await host.command`x` // error: is not assignable to parameter
  await host.read`echo ${secret`x`}` // error: is not assignable to parameter
  await host.read`echo ${undefined}` // error: 'undefined' is not assignable
  const wrong = await host.read`cat x`.json(v.object({ n: v.number() }))
  wrong.n.trim() // error: Property 'trim' does not exist
  await host.command({ creates: '/x', env: { TOKEN: secret`x` } })`x` // error: not assignable to type 'string'
})

const one = site.play('One', { hosts: 'cp[0]' }, async () => ({ a: 1 }))
const many = site.play('Many', { hosts: 'cp' }, async () => ({ a: 1 }))
site.play('K', { hosts: 'k8s', needs: { one } }, async (_host, given) => {
  given.one.b // error: Property 'b' does not exist
})
site.play('L', { hosts: 'k8s', needs: { many } }, async (_host, given) => {
  given.many.a // error: Property 'a' does not exist
})
site.play('M', { hosts: 'k8s', needs: { one } }, async (_host, given) => {
  given.other // error: Property 'other' does not exist
})
site.play('N', { hosts: 'k8s', vars: v.object({ label: v.string() }) }, async (host) => {
  host.vars.lable // error: Property 'lable' does not exist
})

const hidden: string = new Secret('x') // error: is not assignable to type 'string'
void hidden
secret`${{ a: 1 }}` // error: does not exist in type 'Secret<string>'
interface Options {
  readonly name: string
}
const here = (options: Options) => ({ here: probe.script(options.name, 'x', (raw) => raw === '1') })
const shared = { kind: 'bad', id: (options: Options) => options.name, probes: here } as const
resource({
  ...shared,
  diff: (_options, state) => (state.her ? [] : [{ field: 'here', before: false, after: true }]), // error: Property 'her' does not exist
  apply: () => [{ script: 'x' }],
  after: () => ({ here: true }),
  out: () => ({}),
})
resource({
  ...shared,
  diff: () => [{ feld: 'here', before: false, after: true }], // error: 'feld' does not exist
  apply: () => [{ script: 'x' }],
  after: () => ({ here: true }),
  out: () => ({}),
})
resource({
  ...shared,
  diff: () => [],
  apply: () => [{ scrip: 'x' }], // error: 'scrip' does not exist in type 'Step'
  after: () => ({ here: true }),
  out: () => ({}),
})
resource({
  ...shared,
  diff: () => [],
  apply: () => [{ script: 'x' }],
  after: () => ({ here: 'yes' }), // error: Type 'string' is not assignable to type 'boolean'
  out: () => ({}),
})

// One of two, or of many.
nftables({ name: 'web' }) // error: is not assignable to parameter
nftables({ name: 'web', content: '', source: 'web.nft' }) // error: is not assignable to parameter
nftables({ name: 'web', content: '', state: 'absent' }) // error: is not assignable to
nftables({ name: 'web', content: '', family: 'netdev' }) // error: is not assignable to
acl({ path: '/srv', entries: [] }) // error: is not assignable
acl({ path: '/srv', entries: [{ user: 'deploy', permissions: 'rw' }] }) // error: 'permissions' does not exist
acl({ path: '/srv', entries: [{ user: 'deploy', group: 'staff', permissions: 'rwx' }] }) // error: is not assignable
acl({ path: '/srv', entries: [{ of: 'other', permissions: 'r--' }] }) // error: is not assignable
acl({ path: '/srv', state: 'absent', entries: [{ user: 'deploy', permissions: 'rwx' }] }) // error: 'permissions' does not exist
archive({ path: '/srv/a.rar', directory: '/srv', format: 'rar' }) // error: Type '"rar"' is not assignable
filesystem({ device: '/dev/vdb', type: 'ext5' }) // error: is not assignable
filesystem({ device: '/dev/vdb', type: 'vfat', grow: true }) // error: is not assignable
filesystem({ device: '/dev/vdb', type: 'ext4', state: 'absent', replaces: 'xfs' }) // error: is not assignable
selinux({ mode: 'off' }) // error: Type '"off"' is not assignable
ufwRule({ rule: 'allow', port: '80,443' }) // error: is not assignable to parameter
ufwRule({ rule: 'allow', port: '80:90', proto: 'gre' }) // error: is not assignable to
firewalldRule({ service: 'ssh', port: '22/tcp' }) // error: is not assignable to
firewalldRule({ port: '22' }) // error: is not assignable to type
container({ name: 'web' }) // error: is not assignable to parameter
container({ name: 'web', state: 'absent', image: 'nginx' }) // error: is not assignable to
container({ name: 'web', image: 'nginx', restart: 'sometimes' }) // error: is not assignable to
containerImage({ name: 'nginx', state: 'absent', archive: '/srv/nginx.tar' }) // error: is not assignable to
