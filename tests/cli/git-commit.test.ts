import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gitCommit } from '../../runner/cli/git-commit.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const run = promisify(execFile)

suite('the commit of a playbook', (test) => {
  test('is told with whether its own folder differs from it', async () => {
    await using folder = await temporaryFolder({ 'plays/site.ts': '', 'other/a': '' })
    const file = `${folder.path}/plays/site.ts`
    const git = async (...args: readonly string[]) => {
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'core.hooksPath=/dev/null']
      return (await run('git', [...who, ...args], { cwd: folder.path })).stdout.trim()
    }
    await git('init', '-q')
    assert.is(await gitCommit(file), undefined, 'there is none yet')
    await git('add', '.')
    await git('commit', '-q', '-m', 'first')
    const id = await git('rev-parse', 'HEAD')
    assert.equal(await gitCommit(file), { id, dirty: false })
    await folder.write('other/a', 'changed')
    assert.equal(await gitCommit(file), { id, dirty: false }, 'what lies beside the folder is not asked about')
    await folder.write('plays/new.ts', '')
    assert.equal(await gitCommit(file), { id, dirty: true })
  })

  test('is none outside git', async () => {
    await using folder = await temporaryFolder({ 'site.ts': '' })
    assert.is(await gitCommit(`${folder.path}/site.ts`), undefined)
  })
})
