import { batchesOf } from '../../runner/engine/play/selection.ts'
import { assert, suite } from '../helpers/suite.ts'

const hosts = Array.from({ length: 10 }, (_, i) => `h${i}`)
const sizes = (serial: Parameters<typeof batchesOf>[1]) => batchesOf(hosts, serial).map((batch) => batch.length)

suite('batches', (test) => {
  test('without serial all hosts are one batch', () => assert.equal(sizes([]), [10]))
  test('a number cuts evenly, with a rest', () => assert.equal(sizes([4]), [4, 4, 2]))
  test('the last entry repeats', () => assert.equal(sizes([1, 3]), [1, 3, 3, 3]))
  test('a share is of all hosts of the play, rounded down, and one at least', () => {
    assert.equal(sizes(['25%']), [2, 2, 2, 2, 2])
    assert.equal(sizes(['1%', '100%']), [1, 9])
  })
  test('every host is in exactly one batch, in order', () => assert.equal(batchesOf(hosts, [3]).flat(), hosts))
})
