import { Random } from '../tests/helpers/random.ts'
import { fuzzedParsers } from '../tests/inventory/fuzz-parsers.ts'
import { mutated } from '../tests/inventory/mutation.ts'

/**
 * A million hostile inputs, or as many as are asked for, to the parsers in turn, or to those that are named:
 * `node --import tsx scripts/fuzz-parsers.ts [COUNT] [SEED] [PARSER…]`.
 */
const [count = 1_000_000, seed = Date.now() % 1_000_000] = process.argv.slice(2, 4).map(Number)
const named = process.argv.slice(4)
const parsers = fuzzedParsers.filter(({ name }) => named.length === 0 || named.includes(name))
const random = new Random(seed)

interface Tally {
  inputs: number
  read: number
  cpuMs: number
  slowestMs: number
}

const tallies = new Map(
  parsers.map(({ name }): [string, Tally] => [name, { inputs: 0, read: 0, cpuMs: 0, slowestMs: 0 }]),
)
const report = () => {
  for (const [name, { inputs, read, cpuMs, slowestMs }] of tallies)
    console.log(
      `${name}: ${inputs} inputs, ${read} read, ${cpuMs.toFixed(0)} ms in all, ${slowestMs.toFixed(0)} ms the slowest`,
    )
}

console.log(`${count} inputs, seed ${seed}`)
for (let i = 0; i < count; i++) {
  const { name, seeds, read, mayThrow } = parsers[i % parsers.length]!
  const tally = tallies.get(name)!
  // Mostly few: what is damaged too much is refused at its first line.
  const text = mutated(random.pick(seeds), random, random.pick([1, 1, 2, 4, 12]))
  const start = process.cpuUsage()
  try {
    read(text)
    tally.read++
  } catch (error) {
    if (!mayThrow(error)) {
      console.error(`${name}, input ${i} of seed ${seed}: ${JSON.stringify(text)}`)
      throw error
    }
  }
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000
  tally.inputs++
  tally.cpuMs += ms
  tally.slowestMs = Math.max(tally.slowestMs, ms)
  if (ms > 2000) throw new Error(`${name}, input ${i} of seed ${seed} took ${ms} ms: ${JSON.stringify(text)}`)
  if ((i + 1) % 100_000 === 0) {
    console.log(`after ${i + 1}`)
    report()
  }
}
console.log('no crash, no hang')
report()
