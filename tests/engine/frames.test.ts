import { FrameParser } from '../../runner/engine/exchange/frames.ts'
import { assert, suite } from '../helpers/suite.ts'

const mark = 'a1b2c3'

/** Feeds a stream in pieces of the given size. */
function parse(text: string | Buffer, size: number, limit = 1000) {
  const seen: string[] = []
  const parser = new FrameParser(mark, limit, (label, chunk) => seen.push(`${label}:${chunk.toString()}`))
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) parser.push(bytes.subarray(i, i + size))
  return {
    frames: parser.end().map(({ label, data, truncated }) => [label, data.toString('latin1'), truncated] as const),
    seen,
  }
}

suite('frames', (test) => {
  test('output is kept exact, wherever the stream is cut', () => {
    const text = `noise\n${mark} p0\nno newline\n${mark} p1\n\n\nblank lines\n\n${mark} end\n`
    for (let size = 1; size <= text.length; size++) {
      assert.equal(parse(text, size).frames, [
        ['p0', 'no newline', false],
        ['p1', '\n\nblank lines\n', false],
        ['end', '', false],
      ])
    }
  })
  test('any byte may stand in the output', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const text = Buffer.concat([Buffer.from(`\n${mark} p0\n`), every, Buffer.from(`\n${mark} end\n`)])
    assert.equal(parse(text, 7).frames[0], ['p0', every.toString('latin1'), false])
  })
  test('a frame beyond the limit is cut, and what follows it is still found', () => {
    const text = `\n${mark} p0\n${'x'.repeat(50)}\n${mark} end\n`
    assert.equal(parse(text, 9, 20).frames, [
      ['p0', 'x'.repeat(20), true],
      ['end', '', false],
    ])
  })
  test('output is handed on as it arrives, also beyond the limit', () => {
    const { seen } = parse(`\n${mark} p0\n${'x'.repeat(50)}\n${mark} end\n`, 200, 20)
    assert.is(seen.join(''), `p0:${'x'.repeat(50)}`)
  })
  test('a line is handed on when it is complete, wherever the stream is cut', () => {
    const seen: string[] = []
    const parser = new FrameParser(mark, 1000, (_label, chunk) => seen.push(chunk.toString()))
    parser.push(Buffer.from(`\n${mark} p0\n`))
    parser.push(Buffer.from('step 1\n'))
    assert.is(seen.join(''), 'step 1\n')
    parser.push(Buffer.from('\n'))
    parser.push(Buffer.from('step 2\n'))
    assert.is(seen.join(''), 'step 1\n\nstep 2\n')
    for (const byte of Buffer.from(`\n${mark} end\n`)) parser.push(Buffer.from([byte]))
    assert.is(seen.join('').trimEnd(), 'step 1\n\nstep 2')
    assert.equal(
      parser.end().map(({ data }) => data.toString()),
      ['step 1\n\nstep 2\n', ''],
    )
  })
  test('the mark of another exchange is plain output', () => {
    assert.equal(parse(`\n${mark} p0\n\nffffff p1\n\n${mark} end\n`, 5).frames[0], ['p0', '\nffffff p1\n', false])
  })
})
