/** A real cluster on lab hosts, through the public command line; `npm run test:cluster -- --help` says how. */
import { parseArgs } from 'node:util'
import { suite } from '../helpers/suite.ts'
import { labProblem } from '../lab/folder.ts'
import { kubernetesProblem } from '../lab/kubernetes/folder.ts'
import { cut } from './parts/cut.ts'
import { make } from './parts/make.ts'
import { mend } from './parts/mend.ts'
import { refuse } from './parts/refuse.ts'
import { reset } from './parts/reset.ts'
import { type Part, ClusterTrial } from './trial.ts'

const usage = `Usage: npm run test:cluster -- [--part NAME,…] [POINTS]
  make     planned and made from blank hosts; a second run
  refuse   what is refused before anything is written
  mend     nodes that somebody has changed since
  reset    taken off its hosts, and made again
  kill     the controller is killed during init and join, at POINTS points each (default 2)
  link     the link is cut there
Without --part, all of them. Needs root, Debian, and: npm run lab -- kubernetes`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
const points = Number(positionals[0] ?? 2)
const parts: Readonly<Record<string, Part>> = {
  make,
  refuse,
  mend,
  reset,
  kill: cut('controller killed', points),
  link: cut('link cut', points),
}
const chosen = (values.part ?? Object.keys(parts).join()).split(',')
const wrong = chosen.find((name) => !(name in parts))
if (values.help || wrong !== undefined || !/^\d+$/.test(positionals[0] ?? '2')) {
  console.error(wrong === undefined ? usage : `There is no part ${wrong}.\n${usage}`)
  process.exit(values.help ? 0 : 2)
}
const problem = (await labProblem()) ?? kubernetesProblem()
const trial = new ClusterTrial()

suite(
  'cluster',
  (test) => {
    for (const [name, part] of Object.entries(parts)) if (chosen.includes(name)) part(test, trial)
    test('The lab is taken down', () => trial[Symbol.asyncDispose]())
  },
  { timeoutMs: 900_000, skip: problem },
)
