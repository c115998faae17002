import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Dialer } from '../../../runner/engine/connector.ts'
import { playbook } from '../../../runner/model/playbook.ts'
import { quote } from '../../../runner/model/quote.ts'
import { caCertHash } from '../../../tasks/kubernetes/ca.ts'
import { kubeadmJoin } from '../../../tasks/kubernetes/kubeadm-join.ts'
import { type LocalConnection, localConnection } from '../../helpers/local-connection.ts'
import { PlayRig } from '../../helpers/play-rig.ts'
import { eventually } from '../../helpers/processes.ts'
import { assert, skip, suite } from '../../helpers/suite.ts'

/** A cluster that keeps its tokens as files, for `kubectl` and `kubeadm` of a host to ask. */
const programs = {
  kubectl: `s=$STATE/tokens
for last;do :;done
case "$*" in
*'get --raw /api/v1/nodes/'*)if [ -e "$STATE/asked" ];then echo '{"metadata":{"uid":"u"}}';else mv "$STATE/restarted" "$STATE/asked" 2>/dev/null;echo 'Error from server (NotFound): nodes "w1" not found';fi;;
*'get --raw'*)n=\${last##*/};if [ -e "$s/$n" ];then echo '{"kind":"Secret","data":{}}';else echo "Error from server (NotFound): secrets \\"$n\\" not found";exit 1;fi;;
*'create --raw'*)n=$(sed 's/.*"name":"\\([^"]*\\)".*/\\1/');: >"$s/$n";;
*'delete --raw'*)rm "$s/\${last##*/}";;
esac`,
  systemctl: `case $1 in restart): >"$STATE/restarted";;esac`,
  kubeadm: `cat >/dev/null
: >"$STATE/joining"
while [ -d "$STATE" ]&&[ ! -e "$STATE/verdict" ];do sleep 0.1;done
: >"$STATE/ended"
exit 1`,
}

/** Hosts that are this machine, each with an /etc of its own in which the control plane has its access. */
class JoinRig implements AsyncDisposable {
  readonly #plays: PlayRig
  readonly #links = new Map<string, LocalConnection>()

  private constructor(plays: PlayRig) {
    this.#plays = plays
  }

  static async make(): Promise<JoinRig> {
    if (process.getuid?.() !== 0) skip('it gives hosts an /etc of their own, and needs root for it')
    const plays = await PlayRig.make(['cp1', 'w1'])
    for (const folder of ['bin', 'tokens', 'cp1/work', 'cp1/etc/kubernetes', 'w1/work', 'w1/etc'])
      await mkdir(plays.path(folder), { recursive: true })
    await writeFile(plays.path('cp1/etc/kubernetes/admin.conf'), '')
    for (const [name, text] of Object.entries(programs))
      await writeFile(plays.path(join('bin', name)), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return new JoinRig(plays)
  }

  /** Makes `w1` a member of a cluster, whose pin it gives. */
  async member(): Promise<string> {
    const ca = this.#plays.path('ca.crt')
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=kubernetes']
    execFileSync('openssl', ['req', '-x509', ...key, '-keyout', '/dev/null', '-out', ca], { stdio: 'ignore' })
    const pem = await readFile(ca)
    const data = pem.toString('base64')
    await mkdir(this.#plays.path('w1/etc/kubernetes'))
    await writeFile(
      this.#plays.path('w1/etc/kubernetes/kubelet.conf'),
      `certificate-authority-data: ${data}\nserver: https://10.0.0.1:6443\nclient-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n`,
    )
    return caCertHash('ca.crt', pem.toString())
  }

  /** Joins `w1`; ends when the run does. */
  async join(pin = `sha256:${'a'.repeat(64)}`, nodes?: readonly string[]) {
    const site = playbook('site')
    const cluster = { controlPlane: 'cp1', endpoint: '10.0.0.1:6443', kubernetesVersion: 'v1.20.2' }
    site.play('Join', { hosts: 'w1' }, (host) => kubeadmJoin(host, { ...cluster, caCertHash: pin, nodes }))
    return (await this.#plays.run(site, { dialer: this.#dialer })).of('Join', 'w1')
  }

  cut(): void {
    this.#links.get('w1')?.cut()
  }

  has(name: string): boolean {
    return existsSync(this.#plays.path(name))
  }

  /** Lets the join that runs end, which fails. */
  async end(): Promise<void> {
    await writeFile(this.#plays.path('verdict'), '')
    assert.ok(await eventually(() => this.has('ended'), 60_000))
  }

  async tokens(): Promise<number> {
    return (await readdir(this.#plays.path('tokens'))).length
  }

  readonly #dialer: Dialer = {
    dial: async ({ name }) => {
      const at = (path: string) => quote(this.#plays.path(path))
      const env = { STATE: this.#plays.folder }
      const link = await localConnection({ env })
      this.#links.set(name, link)
      const own = `mount -t overlay overlay -o lowerdir=/etc,upperdir=${at(`${name}/etc`)},workdir=${at(`${name}/work`)} /etc
mount -t tmpfs tmpfs /run
PATH=${at('bin')}:$PATH`
      return {
        description: name,
        user: link.user,
        closed: link.closed,
        open: (command) => link.open(`exec unshare --mount sh -c ${quote(`${own}\n${command}`)}`),
        close: () => link.close(),
      }
    },
    close: async () => {},
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links.values()) await link[Symbol.asyncDispose]()
    await this.#plays[Symbol.asyncDispose]()
  }
}

suite(
  'a join',
  (test) => {
    test('a member that its cluster has forgotten has its kubelet started anew, and is waited for', async () => {
      await using rig = await JoinRig.make()
      const { status, error } = await rig.join(await rig.member())
      assert.is(status, 'ok', error?.message)
      assert.ok(rig.has('asked'))
      assert.not.ok(rig.has('joining'))
    })

    test('a member is asked whether its cluster lists it only where the control plane has not said so', async () => {
      for (const [nodes, asked] of [
        [['other', hostname().toLowerCase()], false],
        [['other'], true],
      ] as const) {
        await using rig = await JoinRig.make()
        const { status, error } = await rig.join(await rig.member(), nodes)
        assert.is(status, 'ok', error?.message)
        assert.is(rig.has('asked'), asked)
      }
    })

    test('the token is taken away when the join has failed', async () => {
      await using rig = await JoinRig.make()
      const joined = rig.join()
      assert.ok(await eventually(() => rig.has('joining'), 60_000))
      assert.is(await rig.tokens(), 1)
      await rig.end()
      const { status, error } = await joined
      assert.is(status, 'failed')
      assert.is(error?.code, 'COMMAND', error?.message)
      assert.is(await rig.tokens(), 0)
    })

    test('the token is kept when the link was lost, since the join goes on by itself', async () => {
      await using rig = await JoinRig.make()
      const joined = rig.join()
      assert.ok(await eventually(() => rig.has('joining'), 60_000))
      rig.cut()
      const { status, error } = await joined
      assert.is(status, 'failed')
      assert.is(error?.code, 'LOST', error?.message)
      assert.not.ok(rig.has('ended'))
      assert.is(await rig.tokens(), 1)
      await rig.end()
    })
  },
  120_000,
)
