import { file } from '../../tasks/files/file.ts'
import { assert, suite } from '../helpers/suite.ts'
import { busyboxPlace } from './busybox.ts'
import { Cells } from './cell.ts'
import { debianPlace } from './debian.ts'
import { examineRow } from './examine.ts'
import { exportedResources, rowless } from './exported.ts'
import type { Case, Row } from './row.ts'
import { rows } from './rows.ts'
import { dnfRow } from './rows/dnf.ts'
import { openrcFiles } from './openrc-files.ts'
import { openrcRow } from './rows/openrc.ts'
import { labProblem } from '../lab/folder.ts'

const problem = await labProblem()
const quick = rows.filter(({ places, slow }) => places === undefined && slow === undefined)
const rowOf = (name: string) => quick.filter(({ resource }) => resource === name)

suite('the table of resources', (test) => {
  test('has a row for each resource that tasks export, or says why it has none', async () => {
    const names = await exportedResources()
    const inRows = new Set(rows.map(({ resource }) => resource))
    assert.ok(names.length >= inRows.size, `only ${names.join()} were found`)
    const missing = names.filter((name) => !inRows.has(name) && !(name in rowless))
    assert.equal(missing, [])
    const gone = [...inRows].filter((name) => !names.includes(name))
    assert.equal(gone, [])
  })
})

/** It says of a resource what is not so. */
const lie: Case = {
  name: 'lies',
  prepare: 'mkdir -p /srv/t',
  make: () => file({ path: '/srv/t/f', content: `${Date.now()} ${performance.now()}` }),
  undo: () => file({ path: '/srv/t/f', content: '' }),
  drifts: [{ by: 'true', sees: [] }],
  reset: 'rm -rf /srv/t',
  hostile: {
    content: { make: () => file({ path: '/srv/t/f', content: 'x' }), values: ['y'], reads: () => 'cat /srv/t/f' },
  },
}

const lies: Row = { resource: 'file', cases: [lie] }

suite(
  'resources with nothing but busybox',
  (test) => {
    test('a row that lies is found out in every column', async () => {
      await using place = await busyboxPlace()
      await using killable = await busyboxPlace({ shell: 'dash' })
      const cells = new Cells()
      await examineRow(place, lies, cells, { killable })
      const red = cells.all.filter(({ failures }) => failures.length > 0).map(({ property }) => property)
      assert.equal([...new Set(red)].toSorted(), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    })
    test('what throws is told where it was tried', async () => {
      await using place = await busyboxPlace()
      const drift = { by: 'echo nothing of the kind >&2; false', sees: [] }
      const broken = { ...lie, make: () => file({ path: '/srv/t/f', content: 'x' }), drifts: [drift] }
      const cells = new Cells()
      await examineRow(place, { ...lies, cases: [broken] }, cells, { only: ['b', 'g'] })
      const red = cells.all.filter(({ failures }) => failures.length > 0)
      assert.equal(
        red.map(({ property }) => property),
        ['g'],
      )
      assert.match(red[0]?.failures[0] ?? '', /nothing of the kind/)
    })
    for (const name of [
      'file',
      'directory',
      'line',
      'link',
      'absent',
      'authorizedKey',
      'service',
      'packages',
      'user',
    ]) {
      test(`${name} keeps its promises`, async () => {
        await using place = await busyboxPlace()
        const cells = new Cells()
        for (const row of rowOf(name))
          await examineRow(place, firstCase(row), cells, { only: ['a', 'b', 'c', 'e', 'g', 'h'] })
        assert.equal(cells.failures, [])
      })
    }
  },
  { timeoutMs: 60_000, skip: problem },
)

const firstCase = ({ resource, cases }: Row): Row => ({ resource, cases: cases.slice(0, 1) })

suite(
  'resources with OpenRC',
  (test) => {
    test('a service keeps its promises', async () => {
      await using place = await busyboxPlace({ openrc: openrcFiles() })
      const cells = new Cells()
      await examineRow(place, openrcRow, cells, { only: ['a', 'b', 'c', 'e', 'g', 'h'] })
      assert.equal(cells.failures, [])
    })
  },
  { timeoutMs: 120_000, skip: problem },
)

suite(
  'resources on a Debian host',
  (test) => {
    test('keep their promises, each in one way', async () => {
      await using place = await debianPlace()
      const cells = new Cells()
      for (const row of quick.filter(({ resource }) => resource !== 'packages')) {
        await examineRow(place, firstCase(row), cells, { only: ['a', 'b', 'c', 'e', 'h'] })
      }
      assert.equal(cells.failures, [])
    })
  },
  { timeoutMs: 450_000, skip: problem },
)

suite(
  'packages on a host with dnf',
  (test) => {
    test('keep their promises, in one way', async () => {
      await using place = await debianPlace('dnf')
      const cells = new Cells()
      await examineRow(place, firstCase(dnfRow), cells, { only: ['a', 'b', 'c', 'e', 'h'] })
      assert.equal(cells.failures, [])
    })
  },
  // The first time, the host's packages are fetched.
  { timeoutMs: 900_000, skip: problem },
)
