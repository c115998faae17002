import { execFileSync } from 'node:child_process'
import { machineProbe, parseMachine } from '../../../tasks/kubernetes/machine-state.ts'
import { nodeProbe, parseNode } from '../../../tasks/kubernetes/node-state.ts'
import { forksOf } from '../../helpers/forks.ts'
import { shells } from '../../helpers/local-connection.ts'
import { assert, skip, suite } from '../../helpers/suite.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const manifest = (name: string) =>
  `apiVersion: v1\nspec:\n  containers:\n  - command:\n    - ${name}\n    - --v=2\n    image: k8s.gcr.io/${name}:v1.20.2\n`

const kubeconfig = (more: string) => `clusters:
- cluster:
    certificate-authority-data: Zm9v
    server: https://10.0.0.1:6443
users:
- name: default-auth
  user:
${more}`

/** A folder as /etc/kubernetes is on a control plane, and the text of the question about it. */
async function controlPlane() {
  const folder = await temporaryFolder({
    'admin.conf': kubeconfig('    client-certificate-data: YWRtaW4=\n'),
    'kubelet.conf': kubeconfig('    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n'),
    'pki/ca.crt': '-----BEGIN CERTIFICATE-----\nY2E=\n-----END CERTIFICATE-----\n',
    'pki/apiserver.crt': '-----BEGIN CERTIFICATE-----\nYXBp\n-----END CERTIFICATE-----\n',
    'manifests/kube-apiserver.yaml': manifest('kube-apiserver'),
    'manifests/etcd.yaml': manifest('etcd'),
  })
  return Object.assign(folder, { question: nodeProbe().script.replaceAll('/etc/kubernetes', folder.path) })
}

suite('what a host is asked about Kubernetes', (test) => {
  for (const [name, path] of Object.entries(shells)) {
    test(`in ${name} it tells its files, what its manifests run, and its certificates`, async () => {
      await using folder = await controlPlane()
      const raw = execFileSync(path, [...(name === 'busybox' ? ['sh'] : []), '-c', `${folder.question}\n:`], {
        encoding: 'utf8',
      })
      const lines = raw.split('\n')
      for (const line of [
        'has admin.conf',
        'has manifests/etcd.yaml',
        'authority Zm9v',
        'server https://10.0.0.1:6443',
        'certificate /var/lib/kubelet/pki/kubelet-client-current.pem',
        'image kube-apiserver k8s.gcr.io/kube-apiserver:v1.20.2',
        'flag etcd --v=2',
      ])
        assert.is(lines.filter((one) => one === line).length, 1, `${line}\n${raw}`)
      assert.match(raw, /apiserver\n-----BEGIN CERTIFICATE-----\nYXBp\n-----END CERTIFICATE-----\nca\n[^]*Y2E=\n.*\n$/)
      assert.match(raw, /^machine \S+$/m)
    })
  }

  test('it is asked in two processes, and what the machine is in six', async () => {
    if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
    await using folder = await controlPlane()
    assert.ok((await forksOf(folder.question)) <= 2)
    assert.ok((await forksOf(machineProbe().script)) <= 6)
  })

  test('a blank host has no files, and says which machine it is', async () => {
    const raw = execFileSync('sh', ['-c', `${nodeProbe().script.replaceAll('/etc/kubernetes', '/nowhere')}\n:`], {
      encoding: 'utf8',
    })
    const { files, machine } = parseNode(raw.replaceAll(/^has .*\n/gm, ''))
    assert.equal(files, [])
    assert.ok(machine.length > 10)
  })

  test('its networks are those of its links and routes, without loopback and link-local ones', () => {
    const machine = parseMachine(`hostname CP1
systems debian
architecture amd64
cpus 2
memory 4028424
cgroup 2
podnetwork 10-flannel.conflist
== route
192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.11 uid 0
    cache
== addresses
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0@if5    inet 10.0.0.11/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0@if5    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
== routes
default via 10.0.0.1 dev eth0
default via 10.1.0.1 dev eth1 metric 200
10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.11
10.9.9.9 via 10.0.0.7 dev eth0
== routes6
default via fe80::9 dev eth0
fd00::/64 dev eth0 proto kernel metric 256 pref medium
end
`)
    assert.equal(machine, {
      hostname: 'cp1',
      systems: ['debian'],
      architecture: 'amd64',
      cpus: 2,
      memoryMb: 3934,
      cgroup: 2,
      defaultRoutes: 2,
      address: '10.0.0.11',
      networks: ['10.0.0.11/24', '10.0.0.0/24', '10.9.9.9/32', 'fd00::/64'],
      podNetworks: ['10-flannel.conflist'],
    })
    assert.throws(() => parseMachine('hostname cp1\n'), 'did not say what it is')
  })
})
