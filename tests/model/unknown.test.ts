import { PredictionEnd, showUnknown, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('unknown', (test) => {
  const it = unknown<{ readonly uid: number } & string>('assigned by useradd')
  test('text carries it, and says why it is unknown', () => {
    assert.is(unknownReason(`uid=${it}`), 'assigned by useradd')
    assert.is(showUnknown(`uid=${it.trim()};`), 'uid=(not known yet: assigned by useradd);')
  })
  test('every other use ends the prediction with the reason', () => {
    for (const use of [() => it.uid, () => +it, () => it.length, () => Object.keys(it), () => 'a' in (it as object)]) {
      let thrown: unknown
      try {
        use()
      } catch (error) {
        thrown = error
      }
      assert.instance(thrown, PredictionEnd)
      assert.is((thrown as PredictionEnd).reason, 'assigned by useradd')
    }
  })
  test('a promise can give it', async () => assert.is(unknownReason(await Promise.resolve(it)), 'assigned by useradd'))
})
