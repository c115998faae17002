import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSession } from '../../runner/session/open.ts'
import type { Session } from '../../runner/session/session.ts'
import { localConnection, shells, type LocalConnection } from '../helpers/local-connection.ts'
import { eventually } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('full disks are tested by root alone: skipped\n')

const content = randomBytes(5 << 20)
const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it worked',
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  )

for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
  suite(`large files through ${shell}`, (test) => {
    const scene = (
      title: string,
      body: (folder: string, session: Session, connection: LocalConnection) => Promise<void>,
    ) =>
      test(title, async () => {
        await using folder = await temporaryFolder()
        await using connection = await localConnection({ shell, login: 'printf noise; printf noise >&2' })
        const session = await openSession(connection)
        await body(folder.path, session, connection)
        await session.close()
      })

    scene('go up beside the target, for nobody else to read, and come down again', async (folder, session) => {
      await symlink('real', join(folder, 'link'))
      await writeFile(join(folder, 'local'), content)
      const path = await session.upload(join(folder, 'link'), { localPath: join(folder, 'local') })
      assert.match(path.slice(folder.length), /^\/\.real\.tsplay-/)
      assert.ok((await readFile(path)).equals(content))
      assert.is(((await stat(path)).mode & 0o777).toString(8), '600')
      await session.download(path, join(folder, 'back'))
      assert.ok((await readFile(join(folder, 'back'))).equals(content))
    })

    scene('may be empty', async (folder, session) => {
      const path = await session.upload(join(folder, 'empty'), new Uint8Array())
      await session.download(path, join(folder, 'back'))
      assert.is((await stat(join(folder, 'back'))).size, 0)
    })

    scene('use two more channels at most, however many there are', async (folder, session, connection) => {
      const paths = await Promise.all([1, 2, 3, 4].map((n) => session.upload(join(folder, `f${n}`), content)))
      assert.is(new Set(paths).size, 4)
      assert.is(connection.mostOpen, 3)
    })

    scene('leave nothing behind when the link is cut', async (folder, session, connection) => {
      await using local = await temporaryFolder()
      const source = await open(join(local.path, 'sparse'), 'w')
      await source.truncate(300 << 20)
      await source.close()
      const lost = message(session.upload(join(folder, 'file'), { localPath: join(local.path, 'sparse') }))
      assert.ok(await eventually(async () => (await readdir(folder)).length === 1, 30_000))
      connection.cut()
      assert.match(await lost, /^LOST/)
      assert.ok(await eventually(async () => (await readdir(folder)).length === 0, 30_000))
    })

    scene('say what is wrong with the place, or the source', async (folder, session) => {
      assert.match(
        await message(session.upload(join(folder, 'none/f'), content)),
        /^COMMAND .*the folder .*none does not exist/,
      )
      assert.match(
        await message(session.download(join(folder, 'none'), join(folder, 'x'))),
        /^COMMAND .*there is no such file/,
      )
      assert.equal(await readdir(folder), [])
    })

    if (!root) return

    scene('tell of a full disk, and leave nothing on it', async (folder, session) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder])
      try {
        assert.match(await message(session.upload(join(folder, 'file'), content)), /^COMMAND .*No space left on device/)
        assert.equal(await readdir(folder), [])
      } finally {
        execFileSync('umount', [folder])
      }
    })
  })
}
