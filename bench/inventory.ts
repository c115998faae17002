import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measure } from './process.ts'
import { programExists } from './program-exists.ts'

/** Ten thousand hosts in two hundred groups with a variable file each: `node --import tsx bench/inventory.ts`. */

const groups = 200
const hostsPerGroup = 50
const rounds = 3

const playbook = `import { playbook } from 'tsplay'
const vars = {
  '~standard': {
    version: 1,
    vendor: 'bench',
    validate: (value) =>
      typeof value.region === 'string' && typeof value.limits.nofile === 'number' ? { value } : { issues: [{ message: 'wrong' }] },
  },
}
const site = playbook('site', { vars })
site.play('all', { hosts: 'all' }, async () => {})
export default site
`

async function writeInventory(folder: string): Promise<void> {
  const yaml = ['all:', '  children:']
  const ini: string[] = []
  await mkdir(join(folder, 'group_vars'))
  for (let g = 0; g < groups; g++) {
    yaml.push(`    group${g}:`, '      hosts:')
    ini.push(`[group${g}]`)
    for (let i = 0; i < hostsPerGroup; i++) {
      const n = g * hostsPerGroup + i
      const address = `10.0.${n >> 8}.${n & 255}`
      yaml.push(
        `        node${n}:`,
        `          ansible_host: ${address}`,
        `          rack: r${n % 40}`,
        `          slot: ${n % 48}`,
      )
      ini.push(`node${n} ansible_host=${address} rack=r${n % 40} slot=${n % 48}`)
    }
    const settings = Array.from({ length: 20 }, (_, k) => `setting_${k}: value ${k} of group ${g}\n`).join('')
    const text = `region: eu-${g % 7}\nntp:\n  - 10.${g}.0.1\nlimits:\n  nofile: ${1024 + g}\nenabled: yes\n${settings}`
    await writeFile(join(folder, `group_vars/group${g}.yml`), text)
  }
  await writeFile(join(folder, 'hosts.yaml'), `${yaml.join('\n')}\n`)
  await writeFile(join(folder, 'hosts.ini'), `${ini.join('\n')}\n`)
  await writeFile(join(folder, 'site.mjs'), playbook)
}

/** Prints a line, and gives the time. */
async function line(title: string, argv: readonly string[], cwd: string, times: number): Promise<number> {
  const runs = []
  for (let i = 0; i < times; i++) runs.push(await measure(argv, { cwd }))
  const failed = runs.find(({ code }) => code !== 0)
  if (failed) throw new Error(`${argv.join(' ')} ended with ${failed.code}:\n${failed.output.slice(-2000)}`)
  const best = runs.toSorted((a, b) => a.ms - b.ms)[0]!
  const { peakKb } = await measure(argv, { cwd, memoryEveryMs: 50 })
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`.padStart(9)
  console.log(
    `${title.padEnd(34)}${seconds(best.ms)}${seconds(best.cpuMs)}${`${Math.round(peakKb / 1024)} MB`.padStart(9)}`,
  )
  return best.ms
}

const folder = await mkdtemp(join(tmpdir(), 'tsplay-bench-inventory-'))
try {
  await writeInventory(folder)
  const main = fileURLToPath(new URL('../dist/runner/cli/main.js', import.meta.url))
  console.log(
    `${groups * hostsPerGroup} hosts in ${groups} groups, each with 26 variables; the best of ${rounds}, whole process`,
  )
  console.log(`${''.padEnd(34)}${'time'.padStart(9)}${'CPU'.padStart(9)}${'memory'.padStart(9)}`)
  for (const file of ['hosts.yaml', 'hosts.ini']) {
    const check = [process.execPath, main, 'inventory', 'check', '-i', file]
    const ours = await line(`tsplay, load and check, ${file}`, check, folder, rounds)
    await line("the same with a playbook's schema", [...check, 'site.mjs'], folder, rounds)
    if (!(await programExists('ansible-inventory'))) continue
    const theirs = await line(
      `ansible-inventory --list, ${file}`,
      ['ansible-inventory', '-i', file, '--list'],
      folder,
      1,
    )
    console.log(`${''.padEnd(34)}${`${(theirs / ours).toFixed(1)} times as fast`.padStart(27)}`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
