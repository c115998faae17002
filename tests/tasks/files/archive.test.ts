import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { archive } from '../../../tasks/files/archive/archive.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { converge, diff, look, scratch, shells } from './trial.ts'

const names = (list: string) => list.split('\n').filter((name) => name !== '')

suite('archive', (test) => {
  for (const shell of Object.keys(shells)) {
    test(`packs what others can read, once, and again only when it is another (${shell})`, () => {
      using folder = scratch()
      mkdirSync(folder.at('d/sub'), { recursive: true })
      for (const name of ['d/-dash', 'd/*', 'd/sub/two words', 'd/sub/left.tmp']) writeFileSync(folder.at(name), name)
      symlinkSync('nowhere', folder.at('d/link'))
      const made = archive({ path: folder.at('d.tar.gz'), directory: folder.at('d'), exclude: ['*.tmp'] })
      assert.equal(converge(made, shell), [{ field: 'archive', before: undefined, after: '5 entries' }])
      const listed = execFileSync('tar', ['-tzf', folder.at('d.tar.gz')], { encoding: 'utf8' })
      assert.equal(names(listed), ['*', '-dash', 'link', 'sub/', 'sub/two words'])
      utimesSync(folder.at('d/*'), 1, 1)
      assert.equal(diff(made, look(made, shell)), [])
      chmodSync(folder.at('d/*'), 0o600)
      assert.equal(converge(made, shell), [{ field: 'contents', before: 'as they were packed', after: 'as they are' }])
    })
  }

  test('of more names than one command takes, busybox packs all', () => {
    using folder = scratch()
    mkdirSync(folder.at('d'))
    const wanted = Array.from({ length: 3000 }, (_, i) => `${String(i).padStart(4, '0')}${'n'.repeat(100)}`)
    for (const name of wanted) writeFileSync(folder.at(`d/${name}`), name.slice(0, 4))
    const path = folder.at('d.tar')
    converge(archive({ path, directory: folder.at('d') }), 'busybox')
    assert.equal(names(execFileSync('tar', ['-tf', path], { encoding: 'utf8', maxBuffer: 64 << 20 })), wanted)
  })

  test('a name with a line end is refused, and so are entries elsewhere', () => {
    using folder = scratch()
    mkdirSync(folder.at('d'))
    writeFileSync(folder.at('d/a\nb'), '')
    const path = folder.at('d.tar')
    assert.throws(() => diff(archive({ path, directory: folder.at('d') })), /a name in it holds a line end/)
    for (const entry of ['../x', '/etc', '.', ''])
      assert.throws(() => archive({ path, directory: '/srv', entries: [entry] }), /paths below the directory/)
  })
})
