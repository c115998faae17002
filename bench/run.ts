/**
 * The benchmark: `npm run bench`, or `node --import tsx bench/run.ts [--quick] [--no-ansible] [--repeats=N] [PART …]`
 * with parts of `10 40 wan memory`. Contestants take turns within each repeat, so that whatever else the machine does
 * weighs on all of them; figures are medians, the ratio is the median of each repeat's own ratio. Needs root and sshd.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { openCpuAccount } from './cpu-account.ts'
import { ansible, type Contestant, floor, tsplay } from './contestants.ts'
import { measureMemory } from './memory.ts'
import { openPlace } from './place.ts'
import { timeAll } from './times.ts'
import { markdown } from './table.ts'
import { programExists } from './program-exists.ts'
import { wanUnavailable } from './wan.ts'

const options = process.argv.slice(2).filter((it) => it.startsWith('--'))
const named = process.argv.slice(2).filter((it) => !it.startsWith('--'))
const parts = named.length > 0 ? named : ['10', '40', 'wan', 'memory']
const repeatsOption = options.find((it) => it.startsWith('--repeats='))?.slice('--repeats='.length)
const repeats = Number(repeatsOption ?? (options.includes('--quick') ? 1 : 5))

const root = fileURLToPath(new URL('..', import.meta.url))
using account = openCpuAccount()
// Below the project, so that it finds ssh2.
const built = await mkdtemp(join(root, 'node_modules/.bench-'))
try {
  const program = join(built, 'floor.mjs')
  buildSync({
    entryPoints: [join(root, 'bench/floor.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  })
  const ours = [tsplay('tsplay', 'playbook.ts'), tsplay('tsplay lists', 'playbook-lists.ts')]
  const withAnsible = !options.includes('--no-ansible') && (await programExists('ansible-playbook'))
  if (!withAnsible) console.log('Ansible is left out.\n')

  for (const part of parts) {
    if (part === 'memory') continue
    const unavailable = part === 'wan' ? await wanUnavailable() : undefined
    if (unavailable !== undefined) {
      console.log(`SKIPPED: 3 hosts at 50 ms: ${unavailable}\n`)
      continue
    }
    await using place = await openPlace(part === 'wan' ? 3 : Number(part), part === 'wan' ? 50 : 0)
    const contestants: Contestant[] = [floor(program), ...ours]
    const slow = withAnsible && part !== '40' ? [ansible] : []
    // At once: what a long benchmark has found is not lost with it.
    console.log(
      markdown([...(await timeAll(place, contestants, repeats, account)), ...(await timeAll(place, slow, 1, account))]),
    )
  }
  if (parts.includes('memory')) console.log(await measureMemory(tsplay('tsplay', 'playbook.ts'), [1, 40, 200]))
} finally {
  await rm(built, { recursive: true, force: true })
}
