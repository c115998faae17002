import { isDeepStrictEqual } from 'node:util'
import { TsplayError } from '../../runner/model/errors.ts'
import { SourceText } from '../../inventory/source-text.ts'
import type { ShapeNode } from '../../inventory/shape-node.ts'
import { YamlDocument } from '../../inventory/yaml-document.ts'
import { fastShape } from '../../inventory/yaml-fast.ts'
import { yamlShape } from '../../inventory/yaml-shape.ts'
import { Random } from '../helpers/random.ts'
import { assert, suite } from '../helpers/suite.ts'
import { inventories } from './ansible-cases.ts'
import { mutated } from './mutation.ts'

/** All that can be asked of a node and of what is below it. */
function seen(node: ShapeNode | undefined): unknown {
  if (!node) return 'nothing'
  const { kind } = node
  return {
    kind,
    error: node.error('x').message,
    value: node.value(),
    entries: node.entries().map((entry) => [entry.key, entry.origin, entry.error('y').message, seen(entry.node)]),
  }
}

function slow(source: SourceText): unknown {
  try {
    return seen(yamlShape(new YamlDocument(source)))
  } catch (error) {
    if (error instanceof TsplayError) return error.message
    throw error
  }
}

/** Compares both; whether the fast way was taken. */
function compared(text: string): boolean {
  const source = new SourceText('x.yaml', text)
  const fast = fastShape(source)
  if (!fast) return false
  const [ours, theirs] = [seen(fast), slow(source)]
  if (!isDeepStrictEqual(ours, theirs)) assert.equal(ours, theirs, JSON.stringify(text))
  return true
}

const plain = `---
# a comment
all:
  vars: { a: yes, b: 0644, "c d": 'it''s', e: [1, { f: }, "\\u00e9\\n"], g: 1.5e+3, h: 0x1f, "yes": 1 }
  children:
    web:
      hosts:
        "web[1:3].lan:2222": { "on": true }
        fd00::5:
        w2:
          text: |
            two
              lines

          folded: >-
            one
            line
          long: words
            that go on # and a comment
          url: http://x/#y
          list:
          - a
          - - b
            - ~
          - c: -1
            d: -0
          empty: {}
          none: []
? explicit
: vars: {}
`

suite(
  'the fast YAML parser',
  (test) => {
    test('is taken for what inventories are, and sees what the other sees', () => {
      const texts = [plain, ...inventories.flatMap((one) => Object.values(one))]
      const taken = texts.filter(compared)
      assert.ok(taken.length >= texts.length - 3, `${taken.length} of ${texts.length}`)
      assert.ok(taken.includes(plain))
    })

    test('sees in 2500 damaged texts what the other sees, places and all, or leaves them to it', () => {
      const random = new Random(77)
      const texts = [plain, plain, ...inventories.flatMap((one) => Object.values(one))]
      let taken = 0
      for (let i = 0; i < 2500; i++) if (compared(mutated(random.pick(texts), random))) taken++
      assert.ok(taken > 400, `only ${taken} of 2500 took the fast way`)
    })
  },
  60_000,
)
