import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Event } from '../../runner/engine/events.ts'
import { journalFolder, openJournal } from '../../runner/report/journal.ts'
import { assert, suite } from '../helpers/suite.ts'
import { at, finished, started } from './samples.ts'

async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'journal-'))
  try {
    await body(join(root, '.tsplay'))
  } finally {
    rmSync(root, { recursive: true })
  }
}

const file = (folder: string) => join(folder, 'runs', 'r1', 'events.ndjson')
const read = (folder: string): Event[] =>
  readFileSync(file(folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const notice: Event = { type: 'notice', at, level: 'info', message: 'before the run' }
const never = (message: string) => {
  throw new Error(message)
}

suite('the journal', (test) => {
  test('keeps all events, the one that says what, who and which commit first', () =>
    inFolder(async (folder) => {
      const journal = openJournal({ folder, warn: never })
      for (const event of [notice, started(['a']), finished({})]) journal.emit(event)
      await journal.close()
      assert.equal(read(folder), [started(['a']), notice, finished({})])
    }))

  test('can be read by its owner alone, and is ignored by git', () =>
    inFolder(async (folder) => {
      const journal = openJournal({ folder, warn: never })
      journal.emit(started([]))
      await journal.close()
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
      assert.equal([folder, join(folder, 'runs', 'r1'), file(folder)].map(mode), ['700', '700', '600'])
      assert.is(readFileSync(join(folder, '.gitignore'), 'utf8'), '*\n')
    }))

  test('is on the disk within 200 ms, without an end', () =>
    inFolder(async (folder) => {
      const journal = openJournal({ folder, warn: never })
      journal.emit(started([]))
      journal.emit(notice)
      await new Promise((resolve) => setTimeout(resolve, 300))
      assert.is(read(folder).length, 2)
      await journal.close()
    }))

  test('loses nothing when the process ends by an error', () =>
    inFolder(async (folder) => {
      const code = `
        import { openJournal } from ${JSON.stringify(new URL('../../runner/report/journal.ts', import.meta.url).href)}
        const journal = openJournal({ folder: ${JSON.stringify(folder)}, warn: console.error })
        journal.emit(${JSON.stringify(started([]))})
        journal.emit(${JSON.stringify(notice)})
        throw new Error('a crash')`
      await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]).catch(
        () => {},
      )
      assert.is(read(folder).length, 2)
    }))

  test('warns once when the disk fails, and the run goes on', async () => {
    await inFolder(async (folder) => {
      const warnings: string[] = []
      writeFileSync(folder, 'a file in the way')
      const journal = openJournal({ folder, warn: (message) => warnings.push(message) })
      for (const event of [started([]), notice, finished({})]) journal.emit(event)
      await journal.close()
      assert.is(warnings.length, 1)
    })
    await inFolder(async (folder) => {
      const warnings: string[] = []
      mkdirSync(join(folder, 'runs', 'r1'), { recursive: true })
      symlinkSync('/dev/full', file(folder))
      const journal = openJournal({ folder, warn: (message) => warnings.push(message) })
      for (const event of [started([]), notice, finished({})]) journal.emit(event)
      await journal.close()
      assert.is(warnings.length, 1)
    })
  })

  test('a name of a run can not lead out of the folder', () => {
    assert.is(journalFolder('.tsplay', '../../etc'), join('.tsplay', 'runs', '__.._etc'))
  })

  test('the newest runs are kept, older ones go', () =>
    inFolder(async (folder) => {
      for (let i = 0; i < 8; i++) {
        mkdirSync(join(folder, 'runs', `old${i}`), { recursive: true })
        utimesSync(join(folder, 'runs', `old${i}`), 1000 + i, 1000 + i)
      }
      const journal = openJournal({ folder, keep: 3, warn: never })
      journal.emit(started([]))
      await journal.close()
      assert.equal(readdirSync(join(folder, 'runs')).sort(), ['old6', 'old7', 'r1'])
    }))
})
