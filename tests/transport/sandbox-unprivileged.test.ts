import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, chown, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSandbox } from '../../runner/transport/sandbox/sandbox.ts'
import { assert, suite } from '../helpers/suite.ts'
import type { Said } from './sandbox-client.ts'

interface Answer {
  readonly isolation: string
  readonly notice?: string
  readonly user: string
  readonly said: readonly Said[]
}

const fixture = fileURLToPath(new URL('../fixtures/sandbox-program.ts', import.meta.url))
const root = process.getuid?.() === 0

/** Runs commands on a host of a sandbox that an ordinary user starts; `left` is what then lies in its temporary folder. */
async function asUser(kernel: string, commands: readonly string[]): Promise<Answer & { left: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-test-'))
  try {
    // An id that nobody has: what it can't do, no ordinary user can.
    if (root) await chown(folder, 54_321, 54_321)
    await chmod(folder, 0o700)
    const drop = root ? ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--'] : ['env', '--']
    const [program = '', ...words] = [...drop, process.execPath, '--import', 'tsx', fixture, kernel, ...commands]
    const { stdout } = await promisify(execFile)(program, words, {
      env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, USER: 'someone', TSX_DISABLE_CACHE: '1' },
    })
    const answer = JSON.parse(stdout) as Answer
    return { ...answer, left: (await readdir(folder)).filter((name) => name.startsWith('tsplay-sandbox')) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

suite(
  'a sandbox without root',
  (test) => {
    test("has root inside, says that this is the only user, and can't get through to the machine", async () => {
      const { isolation, notice, user, said, left } = await asUser('namespaces', [
        'id -u; hostname; sudo -S -p x -u root -H -- /bin/sh -c "id -un; touch /etc/made && ls /etc/made"',
        'mkdir -p deep/er; touch deep/er/x; chmod 0 deep/er deep',
        'sudo -u www-data id',
        'touch /usr/x || touch /usr/bin/x',
        'mount -o remount,rw /usr || mount -o remount,bind,rw /usr',
        'umount /usr || umount -l /usr || umount -l /usr/local || umount /proc',
        'sysctl -w kernel.panic=77',
        'ls /proc/1/root/',
        'unshare --user true',
        'ls -d /proc/[0-9]*/root/home/nosuch /home/* /sys/*',
        'mknod /dev/sda b 8 0',
      ])
      if (user === 'sandbox') return // This user has subordinate ids: it is as for root.
      assert.is(isolation, 'namespaces')
      assert.is(user, 'root')
      assert.match(notice ?? '', /one user id/)
      assert.is(said[0]?.stdout, '0\nsandbox1\nroot\n/etc/made\n')
      assert.is(said[1]?.code, 0)
      assert.match(said[2]?.stderr ?? '', /one user id, root/)
      for (const each of said.slice(2)) assert.ok(each.code !== 0, JSON.stringify(each))
      assert.equal(left, [])
    })

    test('is a mere folder where the kernel refuses namespaces, and refuses become', async () => {
      const { isolation, notice, said, left } = await asUser('plain', [
        'pwd; echo "$HOME"',
        'sudo -S -p x -u root -- id',
      ])
      assert.is(isolation, 'plain')
      assert.match(notice ?? '', /NOT protected/)
      const [pwd, home] = (said[0]?.stdout ?? '').split('\n')
      assert.is(pwd, home)
      assert.match(pwd ?? '', /tsplay-sandbox-.*sandbox1/)
      assert.is(said[1]?.code, 1)
      assert.match(said[1]?.stderr ?? '', /become is refused/)
      assert.equal(left, [])
    })

    if (root) {
      test('is refused to root where there are no namespaces', async () => {
        const error = await startSandbox(1, { kernel: 'plain' }).catch((reason: unknown) => reason)
        assert.match(String(error), /refused for root/)
      })
    }
  },
  60_000,
)
