import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startSandbox } from '../../runner/transport/sandbox/sandbox.ts'
import { assert, suite } from '../helpers/suite.ts'
import { sandboxClient } from './sandbox-client.ts'

const fixture = fileURLToPath(new URL('../fixtures/sandbox-program.ts', import.meta.url))

/** Whether a process of this machine is exactly this command. */
const runs = (words: string) =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') === `${words} `
    } catch {
      return false
    }
  })

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !done(); tries++) await sleep(50)
  assert.ok(done())
}

suite(
  'sandbox hosts',
  (test) => {
    test('answer over ssh as separate hosts with their own names and files', async () => {
      await using sandbox = await startSandbox(2, { kernel: 'namespaces' })
      assert.equal(sandbox.isolation, 'namespaces')
      assert.equal(
        sandbox.hosts.map(({ name }) => name),
        ['sandbox1', 'sandbox2'],
      )
      const [one, two] = sandbox.hosts
      await using first = await sandboxClient(one!.target)
      await using second = await sandboxClient(two!.target)
      assert.equal((await first.run('hostname; cat /etc/hostname')).stdout, 'sandbox1\nsandbox1\n')
      assert.equal((await second.run('uname -n')).stdout, 'sandbox2\n')
      await first.run('echo mine >~/file; sudo touch /etc/here')
      assert.equal((await first.run('cat file; ls /etc/here')).stdout, 'mine\n/etc/here\n')
      assert.equal((await second.run('cat file; ls /etc/here')).stdout, '')
    })

    test('keep output, errors, exit codes, signals and the end of input apart', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      await using host = await sandboxClient(sandbox.hosts[0]!.target)
      const both = await host.run('cat; echo bad >&2; exit 7', 'from stdin\n')
      assert.equal(both, { stdout: 'from stdin\n', stderr: 'bad\n', code: 7, signal: undefined })
      assert.is((await host.run('kill -TERM $$')).signal, 'SIGTERM')
      const channel = await host.open('echo up; exec sleep 300')
      const ended = once(channel, 'exit')
      await once(channel, 'data')
      channel.signal('KILL')
      assert.equal((await ended)[1], 'SIGKILL')
    })

    test('hold back a fast writer until the client reads', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      await using host = await sandboxClient(sandbox.hosts[0]!.target)
      const channel = await host.open('(yes | head -c 20000000; touch /tmp/written) 2>&1')
      await sleep(300)
      assert.is((await host.run('ls /tmp')).stdout, '')
      let bytes = 0
      channel.on('data', (chunk: Buffer) => (bytes += chunk.length))
      await once(channel, 'close')
      assert.is(bytes, 20_000_000)
    })

    test('let sudo reach root and other users, as the session calls it', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      const { target } = sandbox.hosts[0]!
      await using host = await sandboxClient(target)
      const become = (user: string) => `sudo -S -p '[ask]' -u ${user} -H -- /bin/sh -c 'id -un; echo $HOME; cat'`
      assert.equal((await host.run(become('root'), 'in')).stdout, 'root\n/root\nin')
      const nobody = await host.run('sudo -u nosuch -- id')
      assert.is(nobody.code, 1)
      assert.match(nobody.stderr, 'unknown user nosuch')
      if (target.user !== 'sandbox') return
      assert.is((await host.run(become('www-data'))).stdout, 'www-data\n/var/www\n')
      assert.is((await host.run('sudo -n sudo -u www-data sudo id')).code, 1)
      const made = 'useradd -m ann && install -o ann -g ann -m 600 /dev/null /srv/x && stat -c %U:%a /srv/x'
      assert.equal((await host.run(`sudo sh -c '${made}'`)).stdout, 'ann:600\n')
    })

    test('leave nothing behind when tsplay itself is killed', async () => {
      const words = `32${process.pid}`
      // What was killed can't remove its folder.
      const folder = await mkdtemp(join(tmpdir(), 'tsplay-test-'))
      const command = `setsid sleep ${words} & sleep ${words}`
      const child = spawn(process.execPath, ['--import', 'tsx', fixture, 'namespaces', command], {
        env: { ...process.env, TMPDIR: folder },
      })
      const gone = once(child, 'exit')
      try {
        await until(() => runs(`sleep ${words}`))
      } finally {
        child.kill('SIGKILL')
        await gone
        await rm(folder, { recursive: true, force: true })
      }
      await until(() => !runs(`sleep ${words}`))
    })

    test('end what still runs on them when they are closed', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      await using host = await sandboxClient(sandbox.hosts[0]!.target)
      const words = `31${process.pid}`
      await host.run(`setsid sleep ${words} >/dev/null 2>&1 </dev/null & sleep 0.1`)
      await until(() => runs(`sleep ${words}`))
      await sandbox.close()
      assert.not(runs(`sleep ${words}`))
    })

    test('come back with their files after everything inside was killed', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      await using host = await sandboxClient(sandbox.hosts[0]!.target)
      await host.run('echo kept >kept; echo gone >/tmp/gone')
      await host.run(`sudo sh -c 'kill -9 -1'`)
      await sleep(200)
      assert.equal((await host.run('cat kept; ls /tmp')).stdout, 'kept\n')
    })

    test('keep their state in a folder, which one sandbox at a time may use', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tsplay-test-'))
      try {
        {
          await using sandbox = await startSandbox(1, { kernel: 'namespaces', folder })
          await using host = await sandboxClient(sandbox.hosts[0]!.target)
          await host.run('sudo sh -c "echo set >/etc/kept; echo made >/usr/local/bin/made; rm -rf /srv"')
          const second = await startSandbox(1, { folder }).catch((error: unknown) => error)
          assert.instance(second, Error)
          assert.match(String(second), /in use by process/)
        }
        await using sandbox = await startSandbox(1, { kernel: 'namespaces', folder })
        await using host = await sandboxClient(sandbox.hosts[0]!.target)
        assert.equal((await host.run('cat /etc/kept /usr/local/bin/made; ls -d /srv')).stdout, 'set\nmade\n')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })

    test('refuse another user, another key and a count that makes no sense', async () => {
      await using sandbox = await startSandbox(1, { kernel: 'namespaces' })
      const { target } = sandbox.hosts[0]!
      const error = await sandboxClient({ ...target, user: 'root2' }).catch((reason: unknown) => reason)
      assert.match(String(error), /authentication methods failed/)
      for (const count of [0, -1, 1.5, 1000]) {
        assert.match(String(await startSandbox(count).catch((reason: unknown) => reason)), /1 to 250 hosts/)
      }
    })
  },
  60_000,
)
