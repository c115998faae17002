import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { type Lab, type LabHost, labHosts } from '../lab/lab.ts'
import { ends } from './scene.ts'
import { playbookText } from './here.ts'

/** A way to a host that can be cut or frozen; connections made afterwards work again. */
async function way(host: LabHost) {
  let pairs: [Socket, Socket][] = []
  const server = createServer((near) => {
    const far = connect(22, host.address)
    pairs.push([near, far])
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy()
        far.resetAndDestroy()
      }
      pairs = []
    },
    /** Nothing passes any more, and nobody is told. */
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause()
        far.unpipe(near).pause()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      server.close()
    },
  }
}

/** Small, with maintainer scripts, files below /etc and units: enough for dpkg to be in different places. */
const names = ['logrotate', 'rsync']

const body = `const { packages } = await import('tsplay/tasks')
await host.ensure(packages({ names: ${JSON.stringify(names)} }))`

/** Installs on a host of its own, and takes its link away at these of ten moments. */
async function cutAt(moments: readonly number[], host: LabHost, lab: Lab): Promise<void> {
  await using link = await way(host)
  await using folder = await temporaryFolder({
    '.ssh/known_hosts': `[127.0.0.1]:${link.port} ${host.hostKey}\n`,
    'hosts.yaml': `all:\n  hosts:\n    h: { ansible_host: 127.0.0.1, ansible_port: ${link.port}, ansible_user: deploy, ansible_ssh_private_key_file: ${lab.keyFile} }\n`,
  })
  const site = `site.play('One', { hosts: 'all', become: true }, async (host) => {\n${body}\n})`
  await folder.write('site.ts', playbookText(site, folder.path))
  const run = (onSent: (child: { kill(signal: NodeJS.Signals): void }) => void = () => {}) =>
    tsplay(['run', 'site.ts', '--no-type-check', '--output', 'json'], {
      cwd: folder.path,
      home: folder.path,
      limitMs: 240_000,
      onEvent: (event, child) => {
        if (event.type === 'command-sent') onSent(child)
      },
    })
  const installed = async () => {
    const states = await host.inside(`dpkg-query -W -f '\${db:Status-Abbrev}' ${names.join(' ')}`)
    assert.is(states, 'ii '.repeat(names.length))
    assert.is(await host.inside('dpkg --audit'), '')
  }
  const remove = () =>
    host.inside(`DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq --autoremove ${names.join(' ')}`)

  // What is fetched is in apt's cache from then on: only the installation itself takes time.
  await host.inside(
    `echo 'Binary::apt::APT::Keep-Downloaded-Packages "1"; APT::Keep-Downloaded-Packages "1";' >/etc/apt/apt.conf.d/keep`,
  )
  const whole = await run()
  assert.equal(ends(whole), { h: 'ok' }, whole.stderr)
  await installed()
  await remove()
  const sentAt: number[] = []
  const timed = await run(() => sentAt.push(performance.now()))
  const lengthMs = performance.now() - (sentAt[0] ?? 0)
  assert.is(timed.code, 0)

  for (const moment of moments) {
    await remove()
    const fault = moment % 2 === 0 ? 'cut' : 'frozen, and the controller killed'
    let struck = false
    await run((child) => {
      if (struck) return
      struck = true
      void sleep((lengthMs * moment) / 10).then(() => {
        if (moment % 2 === 0) return link.cut()
        link.freeze()
        child.kill('SIGKILL')
      })
    })
    const again = await run()
    assert.equal(ends(again), { h: 'ok' }, `link ${fault} at moment ${moment}`)
    await installed()
    assert.is(await host.inside('ls -A /run/tsplay/steps 2>/dev/null || true'), '', 'no record is left')
  }
  const unchanged = await run()
  const last = unchanged.events.at(-1)
  assert.is(last?.type === 'run-finished' ? last.recap['h']?.changed : undefined, 0)
}

suite(
  'an installation that is cut',
  (test) => {
    test('at any of ten moments is brought to its end by running again, with nothing broken', async () => {
      // Several hosts, since a host keeps its lock for the minute in which a frozen link may come back.
      await using lab = await labHosts(5)
      const done = await Promise.allSettled(lab.hosts.map((host, i) => cutAt([i, i + 5], host, lab)))
      for (const it of done) if (it.status === 'rejected') throw it.reason
    })
  },
  900_000,
)
