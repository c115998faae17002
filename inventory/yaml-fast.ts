import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml'
import type { Event } from 'js-yaml'
import type { ShapeEntry, ShapeNode } from './shape-node.ts'
import type { SourceText } from './source-text.ts'
import { plainScalar } from './yaml-scalars.ts'
import { YamlDocument } from './yaml-document.ts'
import { valueOfKey } from './yaml-values.ts'

/** Thrown at what the fast way leaves to the other; one for all. */
const notPlain = new Error('not plain')

const mostLevels = 100

/** What the two parsers may see differently, or what only the other knows a good error for. */
const odd = /[\t\r\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u2028\u2029\ud800-\udfff\ufeff]/

/** Marks of documents, but for the one that a file may begin with. */
const marks = /(?!^)(?:---|\.\.\.)/

/** A value, with where the key before it stands: -1 for the root and for items of lists. */
type Data = Scalar | List | Mapping

interface Scalar {
  readonly kind: 'scalar'
  readonly keyOffset: number
  readonly value: unknown
}

interface List {
  readonly kind: 'list'
  readonly keyOffset: number
  readonly items: readonly Data[]
}

interface Mapping {
  readonly kind: 'map'
  readonly keyOffset: number
  /** By key. */
  readonly entries: ReadonlyMap<string, Data>
}

/**
 * The root of a YAML file that uses no more than most do: no anchors, tags, merges, tabs or carriage returns, and no
 * faults. `undefined` for any other, which the slower parser has to read; where both can, they say the same (a test holds
 * that). It is some ten times as fast: positions of ten thousand hosts cost the other one second.
 */
export function fastShape(source: SourceText): ShapeNode | undefined {
  if (odd.test(source.text) || marks.test(source.text)) return undefined
  try {
    const events = parseEvents(source.text, {})
    const data = new Builder(source.text, events).document()
    return data.kind === 'scalar' && data.value === null ? undefined : new FastShape(source, data)
  } catch {
    // The other parser finds the fault again, if it is one, and has better words for it.
    return undefined
  }
}

class Builder {
  readonly #text: string
  readonly #events: readonly Event[]
  #at = 0

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  document(): Data {
    const first = this.#next()
    if (first.type !== EVENT_ID.DOCUMENT || first.directives.length > 0 || first.explicitEnd) throw notPlain
    const data = this.#build(this.#next(), -1, 0)
    if (this.#next().type !== EVENT_ID.POP || this.#at !== this.#events.length) throw notPlain
    return data
  }

  #next(): Event {
    const event = this.#events[this.#at++]
    if (!event || ('tagStart' in event && (event.tagStart !== -1 || event.anchorStart !== -1))) throw notPlain
    return event
  }

  #build(event: Event, keyOffset: number, level: number): Data {
    if (level > mostLevels) throw notPlain
    if (event.type === EVENT_ID.SCALAR) {
      const text = getScalarValue(this.#text, event)
      const value = event.style === SCALAR_STYLE.PLAIN ? plainScalar(text) : text
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) throw notPlain
      return { kind: 'scalar', keyOffset, value }
    }
    if (event.type === EVENT_ID.SEQUENCE) {
      const items: Data[] = []
      for (let next = this.#next(); next.type !== EVENT_ID.POP; next = this.#next())
        items.push(this.#build(next, -1, level + 1))
      return { kind: 'list', keyOffset, items }
    }
    if (event.type !== EVENT_ID.MAPPING) throw notPlain
    const entries = new Map<string, Data>()
    for (let next = this.#next(); next.type !== EVENT_ID.POP; next = this.#next()) {
      if (next.type !== EVENT_ID.SCALAR || next.valueStart === -1) throw notPlain
      const plain = next.style === SCALAR_STYLE.PLAIN
      if (!plain && next.style !== SCALAR_STYLE.SINGLE_QUOTED && next.style !== SCALAR_STYLE.DOUBLE_QUOTED)
        throw notPlain
      const text = getScalarValue(this.#text, next)
      const key = plain ? plainScalar(text) : text
      if (typeof key !== 'string' || (plain && key === '<<') || entries.has(key)) throw notPlain
      const offset = plain ? next.valueStart : next.valueStart - 1
      entries.set(key, this.#build(this.#next(), offset, level + 1))
    }
    return { kind: 'map', keyOffset, entries }
  }
}

/** Makes what not everybody asks for when it is asked for: there are fifty thousand of them in a large file. */
class FastEntry implements ShapeEntry {
  readonly #source: SourceText
  readonly key: string
  readonly #data: Data

  constructor(source: SourceText, key: string, data: Data) {
    this.#source = source
    this.key = key
    this.#data = data
  }

  get node(): ShapeNode {
    return new FastShape(this.#source, this.#data)
  }

  get origin() {
    return this.#source.origin(this.#data.keyOffset)
  }

  error(message: string, hint?: string) {
    return this.#source.error(this.#data.keyOffset, message, hint)
  }
}

class FastShape implements ShapeNode {
  readonly #source: SourceText
  readonly #data: Data
  readonly isSecret: boolean

  constructor(source: SourceText, data: Data) {
    this.#source = source
    this.#data = data
    this.isSecret = source.isSecret
  }

  get kind(): ShapeNode['kind'] {
    const data = this.#data
    if (data.kind !== 'scalar') return data.kind
    if (data.value === null) return 'null'
    const type = typeof data.value
    return type === 'string' ? 'text' : type === 'number' || type === 'boolean' ? type : 'other'
  }

  entries(): ShapeEntry[] {
    if (this.#data.kind !== 'map') return []
    const entries: ShapeEntry[] = []
    for (const [key, data] of this.#data.entries) entries.push(new FastEntry(this.#source, key, data))
    return entries
  }

  value(): unknown {
    return valueOf(this.#data)
  }

  error(message: string, hint?: string) {
    const document = new YamlDocument(this.#source)
    const { keyOffset } = this.#data
    const offset = keyOffset === -1 ? document.root?.range?.[0] : valueOfKey(document, keyOffset)
    return this.#source.error(offset ?? Math.max(0, keyOffset), message, hint)
  }
}

function valueOf(data: Data): unknown {
  if (data.kind === 'scalar') return data.value
  if (data.kind === 'list') return data.items.map(valueOf)
  return Object.fromEntries([...data.entries].map(([key, item]) => [key, valueOf(item)]))
}
