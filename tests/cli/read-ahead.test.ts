import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'

const site = (folder: string) => `import { playbook } from 'tsplay'
import { file } from 'tsplay/tasks'
const site = playbook('site')
site.play('Files', { hosts: 'all' }, async (host) => {
  await host.ensure(file({ path: '${folder}/a', content: 'a' }))
  await host.ensure(file({ path: '${folder}/b', content: 'b' }))
})
export default site
`

suite(
  'the read-ahead of the command line',
  (test) => {
    test('is kept from run to run where only its user may look, can be turned off, and a broken record is made anew', async () => {
      await using folder = await temporaryFolder({
        'h.yaml': 'all: { hosts: { here: { ansible_connection: local } } }\n',
      })
      await folder.write('site.ts', site(folder.path))
      const asked = async (command: string, ...options: string[]) => {
        const args = [command, 'site.ts', '-i', 'h.yaml', '--no-type-check', '--output', 'json', ...options]
        const { code, events, stdout, stderr } = await tsplay(args, { cwd: folder.path, home: folder.path })
        assert.is(code, 0, stdout + stderr)
        return events.flatMap((event) => (event.type === 'asked-ahead' ? [event.questions] : []))
      }
      assert.equal(await asked('run'), [])
      const kept = join(folder.path, '.cache/tsplay/read-ahead')
      const [name = ''] = await readdir(kept)
      const modes = await Promise.all([kept, join(kept, name)].map(async (path) => (await stat(path)).mode & 0o777))
      assert.equal(modes, [0o700, 0o600])
      assert.match(await readFile(join(kept, name), 'utf8'), '["path","')
      assert.equal(await asked('run'), [2])
      assert.equal(await asked('plan'), [2])
      assert.equal(await asked('run', '--no-read-ahead'), [])
      for (const text of [
        '\0\0',
        '[["Files","here"]]\t[{"stretches":',
        '{}\t17',
        '[["Files","here"]]\t[{"stretches":[[17]]}]\n',
      ]) {
        await writeFile(join(kept, name), text)
        assert.equal(await asked('run'), [])
        assert.equal(await asked('run'), [2])
      }
    })
  },
  600_000,
)
