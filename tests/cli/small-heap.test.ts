import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { assert, suite } from '../helpers/suite.ts'

const run = promisify(execFile)

/** The size of the space for new objects in MiB, in a process of its own that has made many of them. */
async function newSpaceMib(hosts: number): Promise<number> {
  const script = `import { getHeapSpaceStatistics } from 'node:v8'
import { keepHeapSmall } from './runner/cli/small-heap.ts'
keepHeapSmall(${hosts})
let kept = []
for (let i = 0; i < 1e6; i++) {
  kept.push({ i, list: [i] })
  if (kept.length > 1e5) kept = kept.slice(5e4)
}
console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20)`
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  return Number(stdout)
}

suite(
  'the heap of a run',
  (test) => {
    test('gets no more room for new objects where there are many hosts, and is left alone where there are few', async () => {
      const [few, many] = [await newSpaceMib(10), await newSpaceMib(200)]
      assert.ok(few >= 16, `${few} MiB with few hosts`)
      assert.ok(many <= few / 2, `${many} MiB with many hosts, ${few} with few`)
    })
  },
  60_000,
)
