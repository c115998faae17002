import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDialer } from '../../runner/transport/dial.ts'
import { relayAt } from '../helpers/relay.ts'
import { sshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'

suite(
  'reaching a host',
  (test) => {
    test('a refused connection is told at once, with address, port and hint', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const [host] = rig.hosts
      assert.ok(host)
      host.stopListening()
      const error = await refusedBy(host.target)
      assert.is(error.stage, 'tcp')
      assert.match(error.message, `${host.address}:${host.port}`)
      assert.match(error.message, 'refused')
      assert.match(error.hint ?? '', 'ansible_port')
      assert.is(error.retryable, false)
    })

    test('a name that does not exist is told as such', async () => {
      const error = await refusedBy({ name: 'no-such-host.invalid', sshConfig: 'none' })
      assert.is(error.stage, 'dns')
      assert.match(error.message, '"no-such-host.invalid" can not be resolved')
    })

    test('a server that accepts and says nothing runs into the limit, once retried', async () => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        const { port } = server.address() as AddressInfo
        const error = await refusedBy({
          name: 'mute',
          address: '127.0.0.1',
          port,
          connectTimeoutMs: 300,
          sshConfig: 'none',
        })
        assert.is(error.stage, 'timeout')
        assert.match(error.message, 'the first answer of the SSH server took more than 0.3 s')
        assert.is(sockets.size, 2)
      } finally {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
    })

    test('a server that speaks another protocol is named as that', async () => {
      const server = createServer((socket) => {
        socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        const { port } = server.address() as AddressInfo
        const error = await refusedBy({ name: 'web', address: '127.0.0.1', port, sshConfig: 'none' })
        assert.is(error.stage, 'handshake')
        assert.match(error.message, 'no SSH server')
      } finally {
        server.close()
      }
    })

    test('an IPv6 address is reached, and known by it in brackets, by either client', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const [host] = rig.hosts
      assert.ok(host)
      using relay = await relayAt('::1', host)
      const { port } = relay
      const target = { ...host.target, address: '::1', port, knownHosts: [`[::1]:${port} ${host.hostKey}`] }
      for (const transport of ['ssh2', 'openssh'] as const) {
        const { stdout } = await dialed({ ...target, transport }, (it) => output(it, 'echo six'))
        assert.is(stdout, 'six\n')
      }
    })

    test('a server without a common key exchange says which part does not fit', async () => {
      await using rig = await sshdRig({ user: 'root', config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] })
      const [target] = rig.targets
      assert.ok(target)
      const error = await refusedBy({ ...target, transport: 'ssh2' })
      assert.is(error.stage, 'handshake')
      assert.match(error.message, 'key exchange algorithm')
    })

    test('connections that are turned away before the banner are tried again', async () => {
      await using rig = await sshdRig({ user: 'root', link: true })
      const [host] = rig.hosts
      assert.ok(host)
      host.turnAway(2)
      assert.is(await dialed(host.target, async (it) => (await output(it, 'echo here')).stdout), 'here\n')
      assert.is(host.accepted, 3)
    })

    test('a server that always turns away is given up after three more tries', async () => {
      await using rig = await sshdRig({ user: 'root', link: true })
      const [host] = rig.hosts
      assert.ok(host)
      host.turnAway(100)
      const error = await refusedBy(host.target)
      assert.is(error.stage, 'handshake')
      assert.match(error.message, 'before it said anything')
      assert.match(error.hint ?? '', 'MaxStartups')
      assert.is(host.accepted, 4)
    })

    test('a connection that is reset while it waits for its turn is made again', async () => {
      await using rig = await sshdRig({ user: 'root', hosts: 2, link: true })
      const [slow, host] = rig.hosts
      assert.ok(slow && host)
      const dialer = createDialer({ handshakes: 1 })
      slow.freeze()
      const given = dialer.dial({ ...slow.target, connectTimeoutMs: 400 }).then(
        () => undefined,
        (error: Error) => error,
      )
      while (slow.accepted === 0) await sleep(5)
      const dialed = dialer.dial(host.target)
      while (host.accepted === 0) await sleep(5)
      host.cut()
      await (await dialed).close()
      assert.is(host.accepted, 2)
      assert.match((await given)?.message ?? '', 'took more than')
      await dialer.close()
    })

    test('a host that freezes in the login is given up', async () => {
      await using rig = await sshdRig({ user: 'root', link: true })
      const [host] = rig.hosts
      assert.ok(host)
      host.freeze()
      const error = await refusedBy({ ...host.target, connectTimeoutMs: 200 })
      assert.is(error.stage, 'timeout')
    })
  },
  10_000,
)
