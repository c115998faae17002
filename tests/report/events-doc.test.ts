import { readFileSync, writeFileSync } from 'node:fs'
import { assert, suite } from '../helpers/suite.ts'
import { eventsDocument, shapes } from './events-doc.ts'

const path = new URL('../../docs/events.md', import.meta.url)

suite('docs/events.md', (test) => {
  test('says what the docstrings say; UPDATE_DOCS=1 writes it anew', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, eventsDocument())
    assert.is(readFileSync(path, 'utf8'), eventsDocument())
  })
  test('has every member of the union', () => {
    const code = readFileSync(new URL('../../runner/engine/events.ts', import.meta.url), 'utf8')
    const union = [...(/export type Event =\n([^]*?)\n\n/.exec(code)?.[1] ?? '').matchAll(/\| (\w+)/g)].map(
      (match) => match[1],
    )
    assert.ok(union.length > 10)
    const events = shapes().filter((shape) => shape.fields.some((field) => field.name === 'type'))
    const sorted = (all: readonly (string | undefined)[]) => all.map(String).toSorted((a, b) => a.localeCompare(b))
    assert.equal(sorted(events.map((shape) => shape.name)), sorted(union))
  })
})
