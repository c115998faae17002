import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSession } from '../../runner/session/open.ts'
import { placeScript, type Placement } from '../../runner/session/place.ts'
import { localConnection, shells } from '../helpers/local-connection.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assert, suite } from '../helpers/suite.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('owners and mounts are tested by root alone: skipped\n')

const mode = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8)

for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
  suite(
    `a file replaced in ${shell}`,
    (test) => {
      const scene = (
        title: string,
        body: (
          folder: string,
          place: (placement: Omit<Placement, 'source'>, content: string, ahead?: string) => Promise<string>,
        ) => Promise<void>,
      ) =>
        test(title, async () => {
          await using folder = await temporaryFolder()
          await using connection = await localConnection({ shell })
          const session = await openSession(connection)
          await body(folder.path, async (placement, content, ahead = '') => {
            const script = `${ahead}\n${placeScript({ ...placement, source: 'stdin' })}`
            const { code, stderr } = await session.run({ script, stdin: Buffer.from(content) })
            return `${code} ${String(stderr)}`
          })
          await session.close()
        })

      scene('is made with the mode that was asked, whatever its name is', async (folder, place) => {
        const to = join(folder, `it's a "new" $one`)
        assert.is(await place({ to, mode: '0640' }, 'a\\b\0c'), '0 ')
        assert.is(await readFile(to, 'utf8'), 'a\\b\0c')
        assert.is(await mode(to), '640')
        assert.is(await place({ to: join(folder, 'plain') }, 'x'), '0 ')
        assert.is(await mode(join(folder, 'plain')), '644')
        assert.is((await readdir(folder)).length, 2)
      })

      scene('keeps its mode, and the symbolic links to it', async (folder, place) => {
        await mkdir(join(folder, 'real'))
        await writeFile(join(folder, 'real/file'), 'old')
        await chmod(join(folder, 'real/file'), 0o4751)
        await symlink('real/file', join(folder, 'second'))
        await symlink(join(folder, 'second'), join(folder, 'first'))
        assert.is(await place({ to: join(folder, 'first') }, 'new'), '0 ')
        assert.is(await readFile(join(folder, 'real/file'), 'utf8'), 'new')
        assert.is(await mode(join(folder, 'real/file')), '4751')
        assert.equal(await readdir(join(folder, 'real')), ['file'])
      })

      scene('stays as it is when the new content is refused', async (folder, place) => {
        const to = join(folder, 'file')
        await writeFile(to, 'old')
        const said = await place({ to, validate: 'echo looking; grep -q good %s' }, 'bad')
        assert.match(said, /^1 looking\ntsplay: .*refused \(exit code 1\) by: echo looking/)
        assert.is(await readFile(to, 'utf8'), 'old')
        assert.equal(await readdir(folder), ['file'])
        assert.is(await place({ to, validate: 'grep -q good %s' }, 'good'), '0 ')
      })

      scene('leaves the old one beside it on request', async (folder, place) => {
        const to = join(folder, 'file')
        await writeFile(to, 'old')
        assert.is(await place({ to, backup: true }, 'new'), '0 ')
        const backup = (await readdir(folder)).find((name) => /^file\.~\d{8}T\d{6}Z~$/.test(name))
        assert.is(await readFile(join(folder, backup ?? 'none'), 'utf8'), 'old')
      })

      scene('is refused where it can not be', async (folder, place) => {
        assert.match(
          await place({ to: join(folder, 'none/file') }, 'x'),
          /^1 tsplay: .*the folder .*none does not exist/,
        )
        assert.match(await place({ to: folder }, 'x'), /^1 tsplay: .*is a directory/)
        await symlink('loop', join(folder, 'loop'))
        assert.match(await place({ to: join(folder, 'loop') }, 'x'), /^1 tsplay: .*too many symbolic links/)
        assert.match(
          await place({ to: join(folder, 'f'), owner: 'nobody-of-that-name' }, 'x'),
          /^1 .*its owner can not be made/s,
        )
        assert.equal(await readdir(folder), ['loop'])
      })

      test('is old or new, never half, and alone, when it is killed in the middle', async () => {
        await using folder = await temporaryFolder()
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        const to = join(folder.path, 'file')
        const content = { a: 'a'.repeat(60_000), b: 'b'.repeat(60_000) }
        await writeFile(to, content.a)
        for (let i = 0; i < 8; i++) {
          const script = placeScript({ to, source: 'stdin', validate: 'sleep 0.01; test -s %s' })
          const stop = new AbortController()
          const done = session.run({ script, stdin: Buffer.from(i % 2 ? content.a : content.b), signal: stop.signal })
          await sleep(i * 5)
          stop.abort()
          await done
          const now = await readFile(to, 'utf8')
          assert.ok(now === content.a || now === content.b)
          assert.equal(await readdir(folder.path), ['file'])
        }
        await session.close()
      })

      if (!root) return

      scene('keeps its owner, or takes the one that was asked, with the set-uid bit', async (folder, place) => {
        const to = join(folder, 'file')
        await writeFile(to, 'old')
        await chown(to, 1234, 2345)
        assert.is(await place({ to, mode: '4755' }, 'new'), '0 ')
        assert.equal([(await stat(to)).uid, (await stat(to)).gid, await mode(to)], [1234, 2345, '4755'])
        assert.is(await place({ to, owner: '4321' }, 'newer'), '0 ')
        assert.equal([(await stat(to)).uid, (await stat(to)).gid], [4321, 2345])
      })

      scene('stays as it is on a full disk, and nothing else stays', async (folder, place) => {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder])
        try {
          const to = join(folder, 'file')
          await writeFile(to, 'old'.repeat(9000))
          assert.match(await place({ to }, 'x'.repeat(60_000)), /^1 tsplay: .*No space left on device/)
          assert.is(await readFile(to, 'utf8'), 'old'.repeat(9000))
          assert.equal(await readdir(folder), ['file'])
        } finally {
          execFileSync('umount', [folder])
        }
      })

      scene(
        'keeps its access control list and extended attributes, and gets no list that it had not',
        async (folder, place) => {
          const to = join(folder, 'file')
          await writeFile(to, 'old')
          execFileSync('setfacl', ['-m', 'u:nobody:rw', to])
          execFileSync('setfattr', ['-n', 'user.origin', '-v', "it's us", to])
          // busybox has a cp of its own, which keeps no extended attributes.
          const extended = () =>
            shell === 'busybox' ? '' : execFileSync('getfattr', ['-d', '--absolute-names', to], { encoding: 'utf8' })
          const attributes = () => execFileSync('getfacl', ['-cp', to], { encoding: 'utf8' }) + extended()
          const before = attributes()
          assert.match(before, /user:nobody:rw-/)
          if (shell !== 'busybox') assert.match(before, /user.origin="it's us"/)
          assert.is(await place({ to }, 'new'), '0 ')
          assert.is(await readFile(to, 'utf8'), 'new')
          assert.is(attributes(), before)
          const plain = join(folder, 'plain')
          await writeFile(plain, 'old')
          assert.is(await place({ to: plain, mode: '0640' }, 'new'), '0 ')
          assert.not.match(execFileSync('getfacl', ['-cp', plain], { encoding: 'utf8' }), 'mask')
        },
      )

      // What chcon writes is an attribute that files can have without a kernel that goes by it. busybox has no SELinux here.
      if (shell !== 'busybox') {
        test('keeps its SELinux context, whatever cp does', async () => {
          await using folder = await temporaryFolder()
          const to = join(folder.path, 'file')
          await writeFile(to, 'old')
          execFileSync('chcon', ['system_u:object_r:httpd_sys_content_t:s0', to])
          const withSelinux = 'mount -t tmpfs none /sys/fs && mkdir /sys/fs/selinux && echo 1 >/sys/fs/selinux/enforce'
          const script = `${withSelinux}; cp() { :; }\n${placeScript({ to, source: 'stdin' })}`
          execFileSync('unshare', ['--mount', shells[shell], '-c', script], { input: 'new' })
          assert.is(await readFile(to, 'utf8'), 'new')
          const context = execFileSync('stat', ['-c', '%C', to], { encoding: 'utf8' })
          assert.is(context, 'system_u:object_r:httpd_sys_content_t:s0\n')
        })
      }

      scene('is written in place where it is a mount point', async (folder, place) => {
        const [to, source] = [join(folder, 'mounted'), join(folder, 'source')]
        await writeFile(to, 'below')
        await writeFile(source, 'old')
        execFileSync('mount', ['--bind', source, to])
        try {
          assert.is(await place({ to, mode: '0600' }, 'new'), '0 ')
          assert.is(await readFile(source, 'utf8'), 'new')
          assert.is(await mode(source), '600')
          // Whatever is killed leaves its temporary files.
          const left = join(folder, 'left')
          await mkdir(left)
          const killed = (when: string) =>
            `TMPDIR=${left}; dd() { ${when}; }; kill_at() { case $* in *notrunc*) kill -9 0;; esac; }`
          assert.match(await place({ to }, 'much longer\n', killed('kill_at "$@"; command dd "$@"')), /^137/)
          assert.is(await readFile(source, 'utf8'), 'new', 'nothing is lost before it is written')
          assert.is(await place({ to }, 'much longer\n'), '0 ')
          assert.match(await place({ to }, 'new\n', killed('command dd "$@"; kill_at "$@"')), /^137/)
          assert.is((await readFile(source, 'utf8')).trimEnd(), 'new', 'nor after it')
          assert.is(await place({ to }, ''), '0 ')
          assert.is(await readFile(source, 'utf8'), '')
        } finally {
          execFileSync('umount', [to])
        }
        assert.is(await readFile(to, 'utf8'), 'below')
        assert.equal((await readdir(folder)).toSorted(), ['left', 'mounted', 'source'])
      })
    },
    10_000,
  )
}
