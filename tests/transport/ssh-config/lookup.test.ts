import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigLookup } from '../../../runner/transport/ssh/config/lookup.ts'
import { resolveSettings } from '../../../runner/transport/ssh/config/resolve.ts'
import type { Target } from '../../../runner/transport/target.ts'
import { assert, suite } from '../../helpers/suite.ts'

const run = promisify(execFile)

interface Home extends AsyncDisposable {
  readonly path: string
  readonly config: string
  resolve(target: Target): Promise<ReturnType<typeof resolveSettings>>
}

async function homeWith(config: string): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'tsplay-home-'))
  await mkdir(join(path, '.ssh'))
  const file = join(path, '.ssh', 'config')
  await writeFile(file, config)
  return {
    path,
    config: file,
    async resolve(target) {
      const lookup = new ConfigLookup({ home: path, onNotice: () => {} })
      const config = await lookup.find(
        {
          host: target.address ?? target.name,
          user: target.user,
          port: target.port,
          options: target.sshOptions ?? [],
        },
        target.sshConfig,
      )
      await lookup.save()
      return resolveSettings(target, config.answer, path)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

async function withPath(path: string, body: () => Promise<void>): Promise<void> {
  const before = process.env['PATH']
  try {
    process.env['PATH'] = path
    await body()
  } finally {
    process.env['PATH'] = before
  }
}

/** A folder with an ssh that counts how often it is called. */
async function countedSsh(folder: string) {
  const { stdout } = await run('sh', ['-c', 'command -v ssh'])
  const log = join(folder, 'calls')
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeFile(log, '')
  await writeFile(join(bin, 'ssh'), `#!/bin/sh\necho call >>${log}\nexec ${stdout.trim()} "$@"\n`, { mode: 0o755 })
  return {
    folder: bin,
    calls: async () => (await readFile(log, 'utf8')).split('\n').length - 1,
    [Symbol.asyncDispose]: () => rm(bin, { recursive: true }),
  }
}

suite(
  "ssh's configuration",
  (test) => {
    test('applies to a host what ssh would, with explicit options first', async () => {
      await using home = await homeWith(`
Host web*
  HostName %h.example.org
  User deploy
  Port 2222
  IdentityFile ~/.ssh/key_%r@%h
  ProxyJump ops@bastion:2200
  HostKeyAlias cluster
  StrictHostKeyChecking accept-new
  ServerAliveInterval 7
Host db
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "/tmp/with space" ~/.ssh/kh
  AddressFamily inet6
  ConnectTimeout 3
`)
      const web = await home.resolve({ name: 'web1' })
      assert.is(web.address, 'web1.example.org')
      assert.is(web.port, 2222)
      assert.is(web.user, 'deploy')
      assert.equal(web.identityFiles, [`${home.path}/.ssh/key_deploy@web1.example.org`])
      assert.is(web.proxyJump, 'ops@bastion:2200')
      assert.is(web.hostKeyAlias, 'cluster')
      assert.is(web.hostKeys, 'accept-new')
      assert.is(web.keepaliveMs, 7000)

      const explicit = await home.resolve({
        name: 'x',
        address: 'web1',
        port: 99,
        user: 'me',
        hostKeys: 'refuse',
        identityFiles: ['/k'],
      })
      assert.equal([explicit.port, explicit.user, explicit.hostKeys], [99, 'me', 'refuse'])
      assert.equal(explicit.identityFiles, ['/k', `${home.path}/.ssh/key_me@web1.example.org`])

      const db = await home.resolve({ name: 'db' })
      assert.is(db.identitiesOnly, true)
      assert.is(db.agentSocket, undefined)
      assert.is(db.userKnownHosts[0], '/tmp/with space')
      assert.is(db.family, 6)
      assert.is(db.connectTimeoutMs, 3000)
      assert.equal(
        db.defaultIdentityFiles,
        ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => `${home.path}/.ssh/${name}`),
      )
    })

    test('is what ssh itself says, for Match and Include as well', async () => {
      await using home = await homeWith('')
      await mkdir(join(home.path, 'conf.d'))
      await writeFile(join(home.path, 'conf.d', 'b.conf'), 'Host in*\n  User included\n')
      await writeFile(
        home.config,
        `Include ${home.path}/conf.d/*.conf\nMatch user special\n  Port 7\nMatch host web2 exec "true"\n  Port 8\n`,
      )
      for (const [host, user] of [
        ['inner', undefined],
        ['any', 'special'],
        ['web2', undefined],
        ['web3', undefined],
      ] as const) {
        const { stdout } = await run('ssh', [
          '-F',
          home.config,
          '-G',
          ...(user === undefined ? [] : ['-l', user]),
          host,
        ])
        const said = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(stdout)?.[1]
        const settings = await home.resolve({ name: host, ...(user !== undefined && { user }) })
        assert.equal(
          [settings.user, String(settings.port), settings.address],
          [said('user'), said('port'), said('hostname')],
          host,
        )
      }
    })

    test('what only ssh can tell is asked of it once for each state of the files, and kept where only the user can read it', async () => {
      // A keyword that Debian's ssh has and ssh_config(5) has not.
      await using home = await homeWith('Host a\n  GSSAPIKeyExchange no\n  Port 1\n')
      const cache = join(process.env['XDG_CACHE_HOME'] ?? join(home.path, '.cache'), 'tsplay')
      await home.resolve({ name: 'a' })
      const [file] = await readdir(cache)
      assert.ok(file)
      assert.is((await stat(cache)).mode & 0o777, 0o700)
      await withPath('/nonexistent', async () => {
        // Without ssh there is only the cache to answer.
        assert.is((await home.resolve({ name: 'a' })).port, 1)
        const later = new Date(Date.now() + 5000)
        await utimes(home.config, later, later)
        assert.is((await home.resolve({ name: 'a' })).port, 22)
      })
    })

    test('a thousand hosts are resolved without a single process', async () => {
      const blocks = Array.from({ length: 300 }, (_, i) => `Host h${i}-*\n  HostName %h.example.org\n  Port ${i + 1}\n`)
      await using home = await homeWith(
        `Include groups/*\n${blocks.join('')}Match host *.example.org !user root\n  User deploy\nMatch final\n  ConnectTimeout 4\n`,
      )
      await mkdir(join(home.path, '.ssh', 'groups'))
      await writeFile(join(home.path, '.ssh', 'groups', 'one'), 'Match originalhost *9 exec "false"\n  Port 9\n')
      await using counter = await countedSsh(home.path)
      await withPath(counter.folder, async () => {
        const lookup = new ConfigLookup({ home: home.path, onNotice: () => {} })
        const ask = (host: string) => lookup.find({ host, user: undefined, port: undefined, options: [] }, undefined)
        const start = performance.now()
        const configs = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(`h${i % 300}-${i}0`)))
        console.log(`1000 hosts, 300 blocks: ${(performance.now() - start).toFixed(0)} ms`)
        for (const [i, { answer }] of configs.entries()) {
          assert.equal(answer['port'], [String((i % 300) + 1)])
          assert.equal(answer['hostname'], [`h${i % 300}-${i}0.example.org`])
          assert.equal(answer['connecttimeout'], ['4'])
        }
        assert.is(await counter.calls(), 0)
        // The counter counts: this host's name is one that the program is asked about.
        assert.is((await ask('h1-9')).answer['port']?.[0], '2')
        assert.is(await counter.calls(), 1)
      })
    })

    test('each value has its place, for people', async () => {
      await using home = await homeWith('Host a\n  Port 1\nMatch user root\n  ConnectTimeout 3\n')
      const lookup = new ConfigLookup({ home: home.path, onNotice: () => {} })
      const config = await lookup.find({ host: 'a', user: 'root', port: undefined, options: [] }, undefined)
      assert.equal(config.places, { port: `${home.config} line 2`, connecttimeout: `${home.config} line 4` })
      assert.equal(config.applied, [`${home.config} line 1: a`, `${home.config} line 3: Match user root`])
    })

    test('a Tag chooses blocks by Match tagged, with any version of ssh', async () => {
      await using home = await homeWith(
        'Host a\n  Tag prod,eu\nHost b\n  Tag test\nMatch tagged prod*\n  Port 1\nMatch tagged ""\n  Port 2\nMatch !tagged prod*\n  Port 3\n',
      )
      const ports = await Promise.all(['a', 'b', 'c'].map((name) => home.resolve({ name })))
      assert.equal(
        ports.map(({ port }) => port),
        [1, 3, 2],
      )
    })

    test('a file that the inventory names, and that is not there, is an error', async () => {
      await using home = await homeWith('')
      const failure = await home
        .resolve({ name: 'a', sshConfig: `${home.path}/nowhere` })
        .catch((error: Error) => error)
      assert.match(failure instanceof Error ? failure.message : '', /nowhere.*does not exist/)
    })

    test('a broken file is an error with what ssh says of it', async () => {
      await using home = await homeWith('Host a\n  NoSuchKeyword yes\n')
      const error = await home.resolve({ name: 'a' }).then(
        () => undefined,
        (failure: Error) => failure,
      )
      assert.match(error?.message ?? '', /config: line 2: Bad configuration option: nosuchkeyword/)
    })

    test('a missing ssh is told once, when there is something that only it can tell', async () => {
      await using home = await homeWith('Match host a,b exec true\n  Port 1\n')
      const notices: string[] = []
      const lookup = new ConfigLookup({ home: home.path, onNotice: (message) => notices.push(message) })
      await withPath('/nonexistent', async () => {
        for (const host of ['c', 'a', 'b'])
          await lookup.find({ host, user: undefined, port: undefined, options: [] }, undefined)
      })
      assert.is(notices.length, 1)
      assert.match(notices[0] ?? '', 'not installed')
    })
  },
  15_000,
)
