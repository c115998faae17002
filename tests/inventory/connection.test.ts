import { connectionNames, unreadVars } from '../../inventory/connection-names.ts'
import { connectionVars } from '../../inventory/connection.ts'
import { loadInventory } from '../../inventory/load.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

async function host(vars: string) {
  await using files = await folder({ 'hosts.yaml': `all:\n  hosts:\n    h:\n      ${vars}\n` })
  const found = (await loadInventory(['hosts.yaml'], { cwd: files.path })).hosts.get('h')
  if (!found) throw new Error('no host')
  return found
}

async function fault(vars: string): Promise<TsplayError> {
  const it = await host(vars)
  try {
    connectionVars(it)
  } catch (error) {
    if (error instanceof TsplayError && error.code === 'INVENTORY') return error
    throw error
  }
  throw new Error(`accepted: ${vars}`)
}

suite('connectionVars', (test) => {
  test("Ansible's names and plain names are read", async () => {
    const cases: readonly (readonly [string, object])[] = [
      ['{}', {}],
      [
        '{ ansible_host: 10.0.0.1, ansible_port: 2222, ansible_user: deploy }',
        { address: '10.0.0.1', port: 2222, user: 'deploy' },
      ],
      [
        '{ connection: { host: web.lan, port: "2200", user: root, transport: ssh } }',
        { address: 'web.lan', port: 2200, user: 'root', transport: 'ssh' },
      ],
      ['{ ansible_host: a, connection: { host: b } }', { address: 'a' }],
      ['{ host: an-application, port: 8080, user: app, password: x }', {}],
      ['{ ansible_connection: local }', { transport: 'local' }],
      ['{ ansible_connection: paramiko }', { transport: 'ssh' }],
      ['{ ansible_ssh_private_key_file: ~/.ssh/k }', { identityFiles: ['~/.ssh/k'] }],
      ['{ connection: { identityFile: [a, b] } }', { identityFiles: ['a', 'b'] }],
      ['{ ansible_ssh_pass: x, ansible_become_password: y }', { password: 'x', becomePassword: 'y' }],
      [
        '{ ansible_host_key_checking: no, ansible_ssh_timeout: 30 }',
        { hostKeys: 'accept-new', connectTimeoutMs: 30_000 },
      ],
      [
        '{ connection: { hostKeys: refuse, knownHosts: ["h ssh-ed25519 AAAA"] } }',
        { hostKeys: 'refuse', knownHosts: ['h ssh-ed25519 AAAA'] },
      ],
      ['{ ansible_password: !unsafe "{{x}}" }', { password: '{{x}}' }],
    ]
    for (const [vars, expected] of cases) assert.equal(connectionVars(await host(vars)), expected, vars)
  })

  test('each variable of Ansible that is read has its meaning, and the stronger name of two wins', async () => {
    const meant: Readonly<Record<string, readonly [written: string, object]>> = {
      ansible_host: ['a.lan', { address: 'a.lan' }],
      ansible_ssh_host: ['a.lan', { address: 'a.lan' }],
      ansible_port: ['2222', { port: 2222 }],
      ansible_ssh_port: ['2222', { port: 2222 }],
      ansible_user: ['deploy', { user: 'deploy' }],
      ansible_ssh_user: ['deploy', { user: 'deploy' }],
      ansible_connection: ['smart', { transport: 'ssh' }],
      ansible_private_key_file: ['/k', { identityFiles: ['/k'] }],
      ansible_ssh_private_key_file: ['/k', { identityFiles: ['/k'] }],
      ansible_password: ['x y', { password: 'x y' }],
      ansible_ssh_pass: ['x y', { password: 'x y' }],
      ansible_ssh_password: ['x y', { password: 'x y' }],
      ansible_become_method: ['community.general.doas', { becomeMethod: 'doas' }],
      ansible_become_password: ['x y', { becomePassword: 'x y' }],
      ansible_become_pass: ['x y', { becomePassword: 'x y' }],
      ansible_sudo_pass: ['x y', { becomePassword: 'x y' }],
      ansible_host_key_checking: ['false', { hostKeys: 'accept-new' }],
      ansible_ssh_host_key_checking: ['false', { hostKeys: 'accept-new' }],
      ansible_timeout: ['7', { connectTimeoutMs: 7000 }],
      ansible_ssh_timeout: ['7', { connectTimeoutMs: 7000 }],
      ansible_ssh_args: ['-p 7', { port: 7 }],
      ansible_ssh_common_args: ['-J b', { proxyJump: 'b' }],
      ansible_ssh_extra_args: ['-o ServerAliveInterval=9', { sshOptions: ['ServerAliveInterval=9'] }],
    }
    assert.equal(Object.keys(meant).toSorted(), connectionNames.toSorted())
    for (const [name, [written, expected]] of Object.entries(meant))
      assert.equal(connectionVars(await host(`{ ${name}: ${written} }`)), expected, name)
    const ways = { smart: 'ssh', ssh: 'ssh', paramiko_ssh: 'ssh', 'ansible.builtin.local': 'local' }
    const others = { 'community.docker.docker': 'docker', 'containers.podman.podman': 'podman', chroot: 'chroot' }
    for (const [written, transport] of Object.entries({ ...ways, ...others, 'kubernetes.core.kubectl': 'kubectl' }))
      assert.equal(connectionVars(await host(`{ ansible_connection: ${written} }`)), { transport }, written)
    assert.equal(connectionVars(await host('{ ansible_host: weak, ansible_ssh_host: strong }')), { address: 'strong' })
  })

  test('variables of Ansible that are not read are named, but for those that have no use here', async () => {
    const named = [
      'ansible_become',
      'ansible_become_user',
      'ansible_become_exe',
      'ansible_ssh_executable',
      'ansible_network_os',
    ]
    const needless = [
      'ansible_python_interpreter',
      'ansible_ssh_pipelining',
      'ansible_ssh_retries',
      'ansible_remote_tmp',
    ]
    const it = await host(
      `{ ${[...named, ...needless, 'ansible_host', 'app_port'].map((name) => `${name}: x`).join(', ')} }`,
    )
    assert.equal(unreadVars(it).toSorted(), named.toSorted())
  })

  test("ssh's arguments give the jump host, port, user, key and configuration", async () => {
    const cases: readonly (readonly [string, object])[] = [
      ['-J ops@bastion:2222', { proxyJump: 'ops@bastion:2222' }],
      ['-Jbastion -p 2200', { proxyJump: 'bastion', port: 2200 }],
      ['-o ProxyJump=a,b', { proxyJump: 'a,b' }],
      ['-oProxyJump=a -o "User deploy"', { proxyJump: 'a', user: 'deploy' }],
      [`-o ProxyCommand="ssh -W %h:%p -q -p 22 jump@bastion" -o ControlMaster=auto`, { proxyJump: 'jump@bastion:22' }],
      [`-o 'ProxyCommand ssh -l ops -W [%h]:%p bastion'`, { proxyJump: 'ops@bastion' }],
      [
        '-o StrictHostKeyChecking=no -F none -i k1 -i k2',
        { hostKeys: 'accept-new', sshConfig: 'none', identityFiles: ['k1', 'k2'] },
      ],
      [
        `-4 -A -b127.0.0.2 -o ServerAliveInterval=30 -o "SetEnv A='x y'" -o UserKnownHostsFile=/dev/null -vv -C`,
        {
          sshOptions: [
            'AddressFamily=inet',
            'ForwardAgent=yes',
            'BindAddress=127.0.0.2',
            'ServerAliveInterval=30',
            "SetEnv=A='x y'",
            'UserKnownHostsFile=/dev/null',
          ],
        },
      ],
      [`-o ProxyCommand='nc -X 5 %h %p'`, { sshOptions: ['ProxyCommand=nc -X 5 %h %p'] }],
      [
        `-o ProxyCommand="ssh -i k -W %h:%p bastion" -o IdentitiesOnly=yes -o ControlPath=/tmp/x`,
        { sshOptions: ['ProxyCommand=ssh -i k -W %h:%p bastion', 'IdentitiesOnly=yes'] },
      ],
    ]
    for (const [args, expected] of cases) {
      assert.equal(connectionVars(await host(`ansible_ssh_common_args: ${JSON.stringify(args)}`)), expected, args)
    }
  })

  test("of ssh's arguments the first counts, as to ssh: ansible_ssh_args, then the common, then the extra ones", async () => {
    const vars = `{ ansible_ssh_extra_args: "-p 3 -l late -i c", ansible_ssh_args: "-p 1 -o ConnectTimeout=1", ansible_ssh_common_args: "-p 2 -o ConnectTimeout=2 -i b -l early" }`
    assert.equal(connectionVars(await host(vars)), {
      port: 1,
      user: 'early',
      identityFiles: ['b', 'c'],
      sshOptions: ['ConnectTimeout=1', 'ConnectTimeout=2'],
    })
  })

  test('a value that can not be meant is shown where it is written', async () => {
    const error = await fault('ansible_port: 70000')
    assert.is(
      error.message,
      'hosts.yaml:4:21: ansible_port of h: a port from 1 to 65535 is expected, not 70000\n  4 |       ansible_port: 70000\n    |                     ^',
    )
    const cases: readonly (readonly [string, RegExp])[] = [
      ['ansible_port: 0', /:4:21: ansible_port of h: a port from 1 to 65535 is expected, not 0/],
      ['ansible_port: 22.5', /not 22.5/],
      ['ansible_port: [22]', /not a list/],
      ['ansible_host: 5', /:4:21: ansible_host of h: text is expected, not a number/],
      ['ansible_host: "-oProxyCommand=x"', /one word is expected/],
      ['ansible_user: "a b"', /one word is expected/],
      ['ansible_host: "{{ ip }}"', /Jinja expression, which is not evaluated/],
      ['ansible_connection: winrm', /"winrm" is no way to reach a host/],
      ['ansible_ssh_common_args: "-o Foo=1"', /"-o Foo" is no option of ssh/],
      ['ansible_ssh_common_args: "-o Include=x"', /"-o Include" is not supported/],
      ['ansible_ssh_common_args: "-L 80:web:80"', /"-L" is not supported/],
      ['ansible_ssh_common_args: "-p x"', /a port from 1 to 65535 is expected, not x/],
      ['ansible_ssh_common_args: "-J"', /"-J" has no value/],
      ['connection: { hostKeys: accept }', /neither "refuse" nor "accept-new"/],
      ['connection: { prot: 22 }', /it has no "prot"/],
      ['connection: ssh', /a mapping is expected, not text/],
    ]
    for (const [vars, expected] of cases) assert.match((await fault(vars)).message, expected, vars)
  })

  test('a password is never in the error about it', async () => {
    for (const vars of ['ansible_password: 1234567', 'ansible_become_password: [hunter2]']) {
      const error = await fault(vars)
      assert.match(error.message, /\(not shown\)/)
      assert.not.match(`${error.message}${error.hint}`, /1234567|hunter2/)
    }
    const vault = await fault('ansible_password: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        3434')
    assert.match(vault.message, /is encrypted by Ansible's vault/)
  })
})
