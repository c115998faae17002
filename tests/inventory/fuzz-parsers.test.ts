import { Random } from '../helpers/random.ts'
import { assert, suite } from '../helpers/suite.ts'
import { fuzzedParsers, long } from './fuzz-parsers.ts'
import { mutated } from './mutation.ts'

suite(
  'parsers of inventories, patterns and vault texts',
  (test) => {
    test('20 000 damaged texts end with a result or with an error of ours', () => {
      const random = new Random(6)
      for (const { name, seeds, read, mayThrow } of fuzzedParsers) {
        let fine = 0
        for (let i = 0; i < 4000; i++) {
          const text = mutated(random.pick(seeds), random)
          try {
            read(text)
            fine++
          } catch (error) {
            if (!mayThrow(error)) throw new Error(`${name}, case ${i}: ${JSON.stringify(text)}`, { cause: error })
          }
        }
        assert.ok(fine > 20, `${name}: only ${fine} were read; the damage is too large to test anything`)
      }
    })

    test('cost grows with the length of a text, not with its square', () => {
      const cost = (read: () => unknown) => {
        const start = process.cpuUsage()
        try {
          read()
        } catch {
          // How it ends is the other test's business.
        }
        return process.cpuUsage(start).user / 1000
      }
      for (const { name, read } of fuzzedParsers) {
        for (const [shape, make] of Object.entries(long)) {
          const text = make(20_000)
          const took = cost(() => read(text))
          // Linear is below 100 ms for these; twenty thousand squared is not below ten seconds.
          assert.ok(took < 2000, `${name}, ${shape}: ${took} ms`)
        }
      }
    })
  },
  120_000,
)
