import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ownChains } from '../../../tasks/kubernetes/firewall-script.ts'
import { assert, suite } from '../../helpers/suite.ts'

const run = promisify(execFile)

/** What would be given to iptables-restore for a firewall. */
async function restored(saved: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-firewall-'))
  try {
    await writeFile(join(folder, 'saved'), saved)
    await writeFile(join(folder, 'fw-save'), `#!/bin/sh\ncat ${folder}/saved\n`)
    await writeFile(join(folder, 'fw-restore'), `#!/bin/sh\necho "$*" >${folder}/given; cat >>${folder}/given\n`)
    await chmod(join(folder, 'fw-save'), 0o755)
    await chmod(join(folder, 'fw-restore'), 0o755)
    await run('sh', ['-c', `PATH=${folder}:$PATH; t=${folder}/t; ${ownChains}\nown_chains fw`])
    return await readFile(join(folder, 'given'), 'utf8').catch(() => '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

suite("Kubernetes' chains of a firewall", (test) => {
  test('its chains and the rules into them go, and nothing else is named', async () => {
    const given = await restored(`# Generated
*filter
:INPUT DROP [1:2]
:FORWARD ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:DOCKER - [0:0]
-A INPUT -j KUBE-FIREWALL
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -m comment --comment "for KUBE-x -j no" -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A KUBE-FIREWALL -m mark --mark 0x8000 -j DROP
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:CNI-abc - [0:0]
-A POSTROUTING -s 10.244.0.2/32 -m comment --comment "name: \\"lab\\" id: \\"x\\"" -j CNI-abc
-A CNI-abc -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
COMMIT
`)
    assert.is(
      given,
      `--noflush
*filter
-D INPUT -j KUBE-FIREWALL
-F KUBE-FIREWALL
-X KUBE-FIREWALL
COMMIT
*nat
-D POSTROUTING -s 10.244.0.2/32 -m comment --comment "name: \\"lab\\" id: \\"x\\"" -j CNI-abc
-F CNI-abc
-X CNI-abc
COMMIT
`,
    )
  })

  test('a firewall without them is not written to', async () => {
    assert.is(await restored('*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n'), '')
  })
})
