import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CleanUp } from '../helpers/clean-up.ts'
import { sshdRig, type SshdRig, type SshdRigOptions } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay, type TsplayEnd } from '../helpers/tsplay.ts'
import { playbookText } from './here.ts'

/** Hosts of several rigs in one inventory, each with a name that says what is wrong with it. */
class Hosts implements AsyncDisposable {
  readonly #stack = new CleanUp()
  readonly #lines: string[] = []
  readonly #known: string[] = []

  async rig(options: SshdRigOptions = {}): Promise<SshdRig> {
    return this.#stack.use(await sshdRig(options))
  }

  /** Adds a host; `knownKey` as in known_hosts, without the address, or none. */
  add(
    name: string,
    rig: SshdRig,
    vars: Readonly<Record<string, unknown>> = {},
    knownKey = rig.hosts[0]?.hostKey,
  ): void {
    const { address, port } = rig.hosts[0] ?? { address: '', port: 0 }
    const all = {
      ansible_host: address,
      ansible_port: String(port),
      ansible_user: rig.user,
      connection: { lock: rig.folder },
      ansible_ssh_private_key_file: rig.keyFile,
      ...vars,
    }
    const text = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    this.#lines.push(`    ${name}: { ${text.join(', ')} }\n`)
    if (knownKey !== '') this.#known.push(`[${address}]:${port} ${knownKey}\n`)
  }

  /** Runs a play on all of them, in one go; `made` says which hosts came to its end. */
  async run(body: string, options: string, ...args: readonly string[]): Promise<TsplayEnd & { made: string[] }> {
    const folder = this.#stack.use(await temporaryFolder())
    const home = join(folder.path, 'home')
    await folder.write('home/.ssh/known_hosts', this.#known.join(''))
    await folder.write('hosts.yaml', `all:\n  hosts:\n${this.#lines.join('')}`)
    const text = `site.play('One', ${options}, async (host) => {\n${body}\nhost.log('came to its end')\n})`
    await folder.write('site.ts', playbookText(text, folder.path))
    const all = ['run', 'site.ts', '--no-type-check', ...args]
    const end = await tsplay(all, { cwd: folder.path, home })
    return {
      ...end,
      made: [...end.stdout.matchAll(/^(\S+): came to its end$/gm)].flatMap(([, name]) => name ?? []).toSorted(),
    }
  }

  [Symbol.asyncDispose]() {
    return this.#stack[Symbol.asyncDispose]()
  }
}

/** What is said of a host at the end: from its heading to the next one. */
function failure({ stdout }: TsplayEnd, host: string): string {
  const parts = stdout.split(/^(?=FAILED |UNREACHABLE |RECAP)/m)
  const found = parts.find((part) => new RegExp(`^(FAILED|UNREACHABLE) .*\\b${host}\\b`).test(part))
  return found ?? `nothing is said of ${host}:\n${stdout}`
}

suite(
  'hosts that can not be reached',
  (test) => {
    test('each is told why, with what to do, while the others finish', async () => {
      await using hosts = new Hosts()
      const fine = await hosts.rig()
      hosts.add('fine', fine)
      const closed = await hosts.rig()
      closed.hosts[0]?.stopListening()
      hosts.add('refusing', closed)
      hosts.add('nameless', fine, { ansible_host: 'no-such-host.invalid' })
      const down = await hosts.rig({ link: true })
      down.hosts[0]?.freeze()
      hosts.add('down', down)
      const foreign = await hosts.rig()
      const wrongKey = await hosts.rig()
      hosts.add('locked', wrongKey, { ansible_ssh_private_key_file: foreign.keyFile })
      const unknown = await hosts.rig()
      hosts.add('stranger', unknown, {}, '')
      const changed = await hosts.rig()
      hosts.add('changed', changed, {}, foreign.hosts[0]?.hostKey)
      const nologin = await hosts.rig({ shell: '/usr/sbin/nologin' })
      hosts.add('nologin', nologin)

      const end = await hosts.run('await host.read`id -un`', `{ hosts: 'all' }`, '--timeout', '3')
      assert.is(end.code, 3, end.stdout + end.stderr)
      assert.equal(end.made, ['fine'])
      const said = (host: string, ...texts: readonly (string | RegExp)[]) => {
        for (const text of texts) assert.match(failure(end, host), text, failure(end, host))
      }
      said('refusing', 'UNREACHABLE', 'refused', String(closed.hosts[0]?.port), 'hint:')
      said('nameless', 'UNREACHABLE', 'no-such-host.invalid', /name|DNS/)
      said('down', 'UNREACHABLE', /\b3 s/)
      said('locked', 'UNREACHABLE', foreign.keyFile, 'publickey', 'ssh-copy-id')
      said('stranger', 'UNREACHABLE', /unknown|not known/, 'SHA256:', /ssh-keyscan|--accept-new-host-keys/)
      said('changed', 'UNREACHABLE', /changed|another/, 'SHA256:', 'ssh-keygen -R')
      said('nologin', 'UNREACHABLE', 'This account is currently not available')
      assert.match(end.stdout, /RECAP[^]*fine +: ok=1 /)
      // What was refused was not learned.
      assert.is(await changed.hosts[0]?.sessions(), 0)
      assert.is(await unknown.hosts[0]?.sessions(), 0)
    })
    test('odd login shells and noisy logins do not matter', async () => {
      await using hosts = new Hosts()
      const noisy = await hosts.rig({ shell: '/bin/bash' })
      await writeFile(join(noisy.home, '.bashrc'), 'echo "Welcome!"; echo "mind the step" >&2; printf "\\033[2J"\n')
      hosts.add('noisy', noisy)
      hosts.add('fishy', await hosts.rig({ shell: '/usr/bin/fish' }))
      hosts.add('tcsh', await hosts.rig({ shell: '/bin/tcsh' }))
      const end = await hosts.run(
        `await host.ensure(directory({ path: '/tmp/' + host.name + folder.replaceAll('/', '-') }))
const { stdout } = await host.read\`id -un; printf %s "it's"\`
if (!/^tsplay-t\\w+\\nit's$/.test(stdout)) throw new Error('odd: ' + stdout)
await host.command({ everyTime: true })\`rmdir \${'/tmp/' + host.name + folder.replaceAll('/', '-')}\``,
        `{ hosts: 'all', become: false }`,
      )
      assert.is(end.code, 0, end.stdout + end.stderr)
      assert.equal(end.made, ['fishy', 'noisy', 'tcsh'])
      assert.not.match(end.stdout, 'Welcome!')
    })
    test('hosts without a way to root are told apart, and no password is shown or sent twice', async () => {
      await using hosts = new Hosts()
      const free = await hosts.rig()
      hosts.add('fine', free)
      const asking = await hosts.rig({ sudo: 'password', password: 'right' })
      hosts.add('wrong', asking, { ansible_become_password: 'not-so-right' })
      const silent = await hosts.rig({ sudo: 'password', password: 'right' })
      hosts.add('unasked', silent)
      const barred = await hosts.rig({ sudo: 'none' })
      hosts.add('barred', barred, { ansible_become_password: 'whatever-it-is' })
      const end = await hosts.run('await host.read`id -un`', `{ hosts: 'all', become: true }`)
      assert.is(end.code, 1, end.stdout + end.stderr)
      assert.equal(end.made, ['fine'])
      assert.match(failure(end, 'wrong'), 'wrong password for sudo')
      assert.match(failure(end, 'unasked'), /sudo wants a password[^]*(-K|ansible_become_password)/)
      assert.match(failure(end, 'barred'), /can not become root/)
      assert.match(failure(end, 'barred'), /sudoers|not allowed|wrong password/)
      assert.not.match(end.stdout + end.stderr, /not-so-right|whatever-it-is/)
      const attempts = (await asking.sudoCalls()).join('\n')
      assert.match(attempts, '1 incorrect password attempt')
      assert.is(await readFile(join(free.home, '.bash_history'), 'utf8').catch(() => 'none'), 'none')
    })
  },
  60_000,
)
