import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigLookup } from '../../runner/transport/ssh/config/lookup.ts'
import { resolveSettings } from '../../runner/transport/ssh/config/resolve.ts'
import type { Target } from '../../runner/transport/target.ts'
import { assert, suite } from '../helpers/suite.ts'

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
      const answer = await lookup.find(
        { host: target.address ?? target.name, user: target.user, port: target.port },
        target.sshConfig,
      )
      await lookup.save()
      return resolveSettings(target, answer, path)
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
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

    test('is asked of ssh once for each state of the files, and kept where only the user can read it', async () => {
      await using home = await homeWith('Host a\n  Port 1\n')
      const cache = join(process.env['XDG_CACHE_HOME'] ?? join(home.path, '.cache'), 'tsplay')
      await home.resolve({ name: 'a' })
      const [file] = await readdir(cache)
      assert.ok(file)
      assert.is((await stat(cache)).mode & 0o777, 0o700)
      const path = process.env['PATH']
      try {
        // Without ssh there is only the cache to answer.
        process.env['PATH'] = '/nonexistent'
        assert.is((await home.resolve({ name: 'a' })).port, 1)
        const later = new Date(Date.now() + 5000)
        await utimes(home.config, later, later)
        assert.is((await home.resolve({ name: 'a' })).port, 22)
      } finally {
        process.env['PATH'] = path
      }
    })

    test('costs nothing where it is empty, and one question where it tells no hosts apart', async () => {
      await using home = await homeWith('# nothing\n')
      const path = process.env['PATH']
      try {
        process.env['PATH'] = '/nonexistent'
        assert.is((await home.resolve({ name: 'a' })).address, 'a')
      } finally {
        process.env['PATH'] = path
      }
      await writeFile(home.config, 'Host *\n  User everyone\n')
      const lookup = new ConfigLookup({ home: home.path, onNotice: () => {} })
      const answers = await Promise.all(
        ['a', 'b', 'c'].map((host) => lookup.find({ host, user: undefined, port: undefined }, undefined)),
      )
      assert.is(new Set(answers).size, 1)
      assert.is(answers[0]?.['user']?.[0], 'everyone')
      assert.is((await home.resolve({ name: 'b' })).address, 'b')
    })

    test('a broken file is an error with what ssh says of it', async () => {
      await using home = await homeWith('Host a\n  NoSuchKeyword yes\n')
      const error = await home.resolve({ name: 'a' }).then(
        () => undefined,
        (failure: Error) => failure,
      )
      assert.match(error?.message ?? '', /config: line 2: Bad configuration option: nosuchkeyword/)
    })

    test('a missing ssh is told once, when there is a configuration to read', async () => {
      await using home = await homeWith('Host a\n  Port 1\n')
      const notices: string[] = []
      const lookup = new ConfigLookup({ home: home.path, onNotice: (message) => notices.push(message) })
      const path = process.env['PATH']
      try {
        process.env['PATH'] = '/nonexistent'
        await lookup.find({ host: 'a', user: undefined, port: undefined }, undefined)
        await lookup.find({ host: 'b', user: undefined, port: undefined }, undefined)
      } finally {
        process.env['PATH'] = path
      }
      assert.is(notices.length, 1)
      assert.match(notices[0] ?? '', 'not installed')
    })
  },
  15_000,
)
