import { leftoversProbe } from '../../../tasks/kubernetes/leftovers.ts'
import { resetScript } from '../../../tasks/kubernetes/reset-script.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

suite('what Kubernetes leaves', (test) => {
  test('tables of nftables that are its own are found and taken away, and others are not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tsplay-nft-'))
    try {
      const tables = [
        'inet filter',
        'ip nat',
        'ip kube-proxy',
        'ip6 kube-proxy',
        'ip flannel-ipv4',
        'ip kube-proxy-mine',
      ]
      const listed = tables.map((table) => `echo 'table ${table}'\n`).join('')
      await writeFile(join(folder, 'nft'), `#!/bin/sh\n${listed}`, { mode: 0o755 })
      const probe = leftoversProbe(undefined)
      const { stdout } = await run('sh', ['-c', `PATH=${folder}:$PATH\n${probe.script}`])
      const found = probe.parse(stdout)
      assert.equal(found.tables, ['ip flannel-ipv4', 'ip kube-proxy', 'ip6 kube-proxy'])
      const script = resetScript({ criSocket: '/run/c.sock', leftovers: found, kubeadm: false })
      assert.equal(
        script.match(/nft delete table [^|]*/g),
        found.tables.map((table) => `nft delete table ${table}`),
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
