import { resource, type Resource } from '../../runner/model/resource.ts'
import { assert, suite } from '../helpers/suite.ts'
import { labProblem } from '../lab/folder.ts'
import { busyboxPlace } from './busybox.ts'
import { examineKills } from './kills.ts'
import type { Place } from './place.ts'

/** A file that one step of shell text makes; that it is there is seen without a program. */
const madeBy = (script: string): Resource =>
  resource({
    kind: 'made',
    id: () => 'made',
    probes: () => ({
      there: { fact: 'there', script: 'if [ -e /srv/done ];then echo yes;fi', parse: (raw) => raw !== '' },
    }),
    diff: (_, { there }) => (there ? [] : [{ field: 'file', before: false, after: true }]),
    apply: () => [{ script }],
    after: () => ({ there: true }),
    out: () => ({}),
  })({})

const at = (n: number, program: string) => `killed at program ${n} (${program})`

/** What was found, and whether nothing was wrong with it. */
async function killsOf(place: Place, script: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  const one = { name: script, make: () => madeBy(script), reset: 'rm -rf /srv/*' }
  await examineKills(place, one, (what, problems) => (found[what] = problems.join('; ')))
  return found
}

suite(
  'kills at every program of a step',
  (test) => {
    test('reach each in turn, also what a program starts, and show what takes one for success or can not be run again', async () => {
      await using place = await busyboxPlace({ shell: 'dash' })
      const found = await killsOf(
        place,
        'touch /srv/a; setsid -w touch /srv/b; mkdir /srv/w && env true && : >/srv/done',
      )
      const { [at(7, 'env')]: first, [at(8, 'true')]: second, ...others } = found
      assert.equal(others, {
        [at(1, 'sh')]: '',
        [at(2, 'setsid')]: '',
        [at(3, 'sh')]: '',
        [at(4, 'touch')]: '',
        [at(5, 'setsid')]: '',
        [at(6, 'mkdir')]: '',
        'lived: 8 programs': '',
        'killed at program 1 of session 2 (touch)':
          'it was changed, as if nothing had happened; /srv/b is otherwise than after a run that lived',
        'lived: 1 programs of session 2': '',
      })
      for (const problem of [first, second]) assert.match(problem ?? '', /^the next run: .*File exists/)
    })
    test('pass over a session that comes no more', async () => {
      await using place = await busyboxPlace({ shell: 'dash' })
      // The eighth run is the first in which no program is killed.
      const untilEighth = 'n=1;[ ! -e /run/n ]||read -r n </run/n;echo $((n+1)) >/run/n;[ $n -gt 8 ]||setsid -w true'
      const found = await killsOf(place, `touch /srv/a;${untilEighth};: >/srv/done`)
      assert.is(await place.inside('cat /run/n'), '13\n', 'it was waited for')
      assert.equal(found, {
        [at(1, 'sh')]: '',
        [at(2, 'setsid')]: '',
        [at(3, 'sh')]: '',
        [at(4, 'touch')]: '',
        [at(5, 'setsid')]: '',
        'lived: 5 programs': '',
      })
    })
    test('are not taken for tried where no program can be killed, or nothing is to be changed', async () => {
      await using place = await busyboxPlace()
      // busybox's own shell starts its own applets, past every shim.
      assert.equal(await killsOf(place, 'touch /srv/done'), { 'lived: 0 programs': 'no program was started' })
      const found = await killsOf(place, 'true')
      assert.match(found['lived: 0 programs'] ?? '', /still differs.*; it was failed; no program was started/)
    })
  },
  { timeoutMs: 60_000, skip: await labProblem() },
)
