import { parse } from 'smol-toml'
import { editContainerdConfig } from '../../../tasks/kubernetes/containerd-settings.ts'
import { assert, suite } from '../../helpers/suite.ts'

const settings = {
  sandboxImage: 'registry.k8s.io/pause:3.10',
  cgroupDriver: 'systemd',
  cniBinDir: '/opt/cni/bin',
  registryConfigDir: '/etc/containerd/certs.d',
} as const

const debian = `version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd"
`

const cri = (text: string, plugin: string) =>
  (JSON.parse(JSON.stringify(parse(text))) as { plugins: Record<string, Record<string, unknown>> }).plugins[plugin] ??
  {}

suite("containerd's configuration", (test) => {
  test('settings are edited in, what else is there stays, and a second edit changes nothing', () => {
    const { text, changes } = editContainerdConfig(debian, settings, 1)
    assert.equal(
      changes.map(({ name, before }) => [name, before]),
      [
        ['sandbox image', undefined],
        ['container runtime', undefined],
        ['cgroup driver', undefined],
        ['CNI programs', '/usr/lib/cni'],
        ['registry mirrors', undefined],
      ],
    )
    const found = cri(text, 'io.containerd.grpc.v1.cri')
    assert.is(found['sandbox_image'], 'registry.k8s.io/pause:3.10')
    assert.equal(found['cni'], { bin_dir: '/opt/cni/bin', conf_dir: '/etc/cni/net.d' })
    assert.equal(cri(text, 'io.containerd.internal.v1.opt'), { path: '/var/lib/containerd' })
    assert.equal(editContainerdConfig(text, settings, 1).changes, [])
  })

  test('a table for runc names its runtime, which containerd would forget otherwise', () => {
    const runtimes = cri(editContainerdConfig(debian, settings, 1).text, 'io.containerd.grpc.v1.cri')['containerd']
    assert.equal(runtimes, {
      runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: true } } },
    })
  })

  test('containerd 2 has its settings elsewhere', () => {
    const { text } = editContainerdConfig(undefined, settings, 2)
    assert.match(text, 'version = 3')
    assert.equal(cri(text, 'io.containerd.cri.v1.images')['pinned_images'], { sandbox: 'registry.k8s.io/pause:3.10' })
    assert.equal(cri(text, 'io.containerd.cri.v1.runtime')['cni'], { bin_dir: '/opt/cni/bin' })
  })

  test('a disabled CRI plugin is enabled, and mirrors beside a folder of hosts go', () => {
    const text = `version = 2
disabled_plugins = ["cri", "btrfs"]
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
endpoint = ["https://mirror.example"]
`
    const edited = editContainerdConfig(text, settings, 1)
    assert.equal(edited.changes[0], { name: 'CRI plugin', before: 'disabled', after: 'enabled' })
    assert.match(edited.text, 'disabled_plugins = [ "btrfs" ]')
    assert.equal(cri(edited.text, 'io.containerd.grpc.v1.cri')['registry'], { config_path: '/etc/containerd/certs.d' })
  })

  test('what is no TOML, or of an old form, is refused', () => {
    assert.throws(() => editContainerdConfig('[plugins', settings, 1), /no TOML/)
    assert.throws(() => editContainerdConfig('root = "/x"\n', settings, 1), /version 1/)
  })
})
