import { Random } from '../tests/helpers/random.ts'
import { fuzzedParsers } from '../tests/inventory/fuzz-parsers.ts'
import { mutated } from '../tests/inventory/mutation.ts'

/** A million hostile inputs, or as many as are asked for: `node --import tsx scripts/fuzz-parsers.ts [COUNT] [SEED]`. */
const [count = 1_000_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)
const random = new Random(seed)
console.log(`${count} inputs, seed ${seed}`)
for (let i = 0; i < count; i++) {
  const { name, seeds, read, mayThrow } = random.pick(fuzzedParsers)
  let text = mutated(random.pick(seeds), random)
  for (let more = random.below(4); more > 0; more--) text = mutated(text, random)
  const start = performance.now()
  try {
    read(text)
  } catch (error) {
    if (!mayThrow(error)) {
      console.error(`${name}, input ${i} of seed ${seed}: ${JSON.stringify(text)}`)
      throw error
    }
  }
  if (performance.now() - start > 5000)
    throw new Error(`${name}, input ${i} of seed ${seed} took too long: ${JSON.stringify(text)}`)
}
console.log('no crash, no hang')
