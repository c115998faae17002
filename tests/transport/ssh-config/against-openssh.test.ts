import { assert, suite } from '../../helpers/suite.ts'
import { corpus } from './corpus.ts'
import { ConfigOracle, differences } from './oracle.ts'
import { randomConfig } from './random-config.ts'

suite(
  "ssh's configuration, judged by ssh -G",
  (test) => {
    for (const { title, files, asked, left = false } of corpus) {
      test(title, async () => {
        await using oracle = await ConfigOracle.with(files)
        const own = await oracle.own(asked)
        assert.is(
          own.every((outcome) => 'refused' in outcome === left),
          true,
          JSON.stringify(own),
        )
        if (left) return
        const openssh = await oracle.openssh(asked)
        for (const [index, question] of asked.entries()) {
          assert.equal(
            differences(own[index] ?? {}, openssh[index] ?? {}, question),
            [],
            `${JSON.stringify(question)}: ${JSON.stringify(openssh[index])}`,
          )
        }
      })
    }

    test('random configurations mean the same, and what ssh refuses is never taken', async () => {
      // Others are tried by hand: a run must not fail for what is none of its change.
      const seed = Number(process.env['TSPLAY_SEED'] ?? 655_263_890)
      let resolved = 0
      let left = 0
      for (let round = 0; round < 20; round++) {
        const { files, asked } = randomConfig(seed + round)
        await using oracle = await ConfigOracle.with(files)
        const [own, openssh] = await Promise.all([oracle.own(asked), oracle.openssh(asked)])
        for (const [index, question] of asked.entries()) {
          const [mine = {}, theirs = {}] = [own[index], openssh[index]]
          if ('refused' in mine) {
            left++
            continue
          }
          resolved++
          assert.equal(
            'refused' in theirs ? [`ssh refuses: ${theirs.refused}`] : differences(mine, theirs, question),
            [],
            `TSPLAY_SEED=${seed + round} ${JSON.stringify(question)}\n${JSON.stringify(files, undefined, 1)}`,
          )
        }
      }
      console.log(`seed ${seed}: ${resolved} answers compared, ${left} left to ssh`)
      assert.ok(resolved > 4 * left, `${left} of ${resolved + left} are left to ssh`)
    })
  },
  120_000,
)
