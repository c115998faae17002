import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, suite } from '../helpers/suite.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { type LabHost, labHosts } from '../lab/lab.ts'
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

/** Small, with maintainer scripts, files below /etc and a unit: enough for dpkg to be in different places. */
const names = ['cron', 'logrotate']

const body = `const { packages } = await import('tsplay/tasks')
await host.ensure(packages({ names: ${JSON.stringify(names)} }))`

suite(
  'an installation that is cut',
  (test) => {
    test('at any of ten moments is brought to its end by running again, with nothing broken', async () => {
      await using lab = await labHosts(1)
      const [host] = lab.hosts
      if (host === undefined) throw new Error('no lab host')
      await using link = await way(host)
      const folder = lab.clientHome
      await writeFile(join(folder, '.ssh/known_hosts'), `[127.0.0.1]:${link.port} ${host.hostKey}\n`)
      await writeFile(
        join(folder, 'hosts.yaml'),
        `all:\n  hosts:\n    h: { ansible_host: 127.0.0.1, ansible_port: ${link.port}, ansible_user: deploy, ansible_ssh_private_key_file: ${lab.keyFile} }\n`,
      )
      await writeFile(
        join(folder, 'site.ts'),
        playbookText(`site.play('One', { hosts: 'all', become: true }, async (host) => {\n${body}\n})`, folder),
      )
      const run = (onSent: (child: { kill(signal: NodeJS.Signals): void }) => void = () => {}) =>
        tsplay(['run', 'site.ts', '--no-type-check', '--output', 'json'], {
          cwd: folder,
          home: folder,
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

      const whole = await run()
      assert.equal(ends(whole), { h: 'ok' }, whole.stderr)
      await installed()
      // From here on what is fetched is in apt's cache: only the installation itself takes time.
      await host.inside(
        `echo 'Binary::apt::APT::Keep-Downloaded-Packages "1"; APT::Keep-Downloaded-Packages "1";' >/etc/apt/apt.conf.d/keep`,
      )
      await remove()
      const sentAt: number[] = []
      const timed = await run(() => sentAt.push(performance.now()))
      const lengthMs = performance.now() - (sentAt[0] ?? 0)
      assert.is(timed.code, 0)

      for (let moment = 0; moment < 10; moment++) {
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
    })
  },
  900_000,
)
