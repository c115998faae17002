/**
 * Whether a plan told the truth: `npm run compare-plan -- PLAN RUN`, two folders of `.tsplay/runs`. Of each host, resource
 * and field, what was predicted as certain was made, and what was made was predicted as certain or as `may`. Exits with 1
 * where it was not, and names what.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../runner/engine/events.ts'
import { agreement } from '../tests/cluster/agreement.ts'

const [plan, run, ...more] = process.argv.slice(2)
if (plan === undefined || run === undefined || more.length > 0) fail('Usage: npm run compare-plan -- PLAN RUN')

const { certain, may, notMade, unforeseen } = agreement(await journal(plan, 'check'), await journal(run, 'run'))
for (const key of notMade) console.log(`predicted, and not made: ${key}`)
for (const key of unforeseen) console.log(`made, and not predicted: ${key}`)
console.log(`${certain} changes predicted as certain, ${may} as may; ${notMade.length + unforeseen.length} wrong`)
process.exitCode = notMade.length + unforeseen.length > 0 ? 1 : 0

/** The events of a run, which has to be of this mode. */
async function journal(folder: string, mode: 'check' | 'run'): Promise<readonly Event[]> {
  const path = join(folder, 'events.ndjson')
  const text = await readFile(path, 'utf8').catch(() => fail(`${path} can not be read: name a folder of .tsplay/runs`))
  const events = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event)
  const started = events.find((event) => event.type === 'run-started')
  if (started?.mode === mode) return events
  return fail(`${folder} is no ${mode === 'check' ? 'plan' : 'run that changed anything'}: the plan comes first`)
}

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
