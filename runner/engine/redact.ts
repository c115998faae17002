import { knownSecrets, Secret } from '../model/secret.ts'
import { showUnknown, unknownReason } from '../model/unknown.ts'

const mask = '<secret>'

/** Masks every known secret in text, in the forms in which it may come back: plain, base64, hexadecimal, URL- and JSON-escaped. */
export function redact(text: string): string {
  const { long, patterns } = currentForms()
  const shorter = long.reduce((rest, form) => (form.length > rest.length ? rest : rest.replaceAll(form, mask)), text)
  return patterns.reduce((rest, pattern) => rest.replaceAll(pattern, mask), shorter)
}

/** Data as it may be shown and stored: secrets masked in every text, and what can't be known yet said in words. */
export function presentable(value: unknown): unknown {
  if (typeof value === 'string') return redact(showUnknown(value))
  const reason = unknownReason(value)
  if (reason !== undefined) return redact(`(not known yet: ${reason})`)
  if (value instanceof Secret) return mask
  if (Array.isArray(value)) return value.map(presentable)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, presentable(part)]))
}

interface Forms {
  readonly size: number
  /** Each looked for alone, the longest first. */
  readonly long: readonly string[]
  /** Of all others, the longest first. */
  readonly patterns: readonly RegExp[]
}

let cached: Forms = { size: 0, long: [], patterns: [] }

/** A regular expression of more characters may be too large to be compiled. */
const largest = 100_000

function currentForms(): Forms {
  const secrets = knownSecrets()
  if (cached.size !== secrets.size) {
    const forms = [...new Set([...secrets].flatMap(formsOf))].toSorted((a, b) => b.length - a.length)
    const groups: string[][] = []
    let room = 0
    for (const form of forms.filter(({ length }) => length <= largest / 100).map(escape)) {
      if (room < form.length) {
        groups.push([])
        room = largest
      }
      groups.at(-1)?.push(form)
      room -= form.length + 1
    }
    cached = {
      size: secrets.size,
      long: forms.filter(({ length }) => length > largest / 100),
      patterns: groups.map((group) => new RegExp(group.join('|'), 'g')),
    }
  }
  return cached
}

/** Too short a text would mask half of every log, and says little. */
const shortest = 4

function formsOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.length >= 8)
  const plain = [value, value.trim(), ...lines]
  const encoded = plain.flatMap((text) => [
    text,
    ...base64Forms(text),
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    text.replaceAll("'", `'\\''`),
  ])
  return encoded.filter((text) => text.length >= shortest)
}

/** Base64 of the text alone and inside other text, where up to two bytes before it shift the alphabet. */
function base64Forms(text: string): string[] {
  const inner = [0, 1, 2].map((shift) => {
    const coded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '')
    // The first and last groups also depend on the neighbours: only what lies between is this text's own.
    return coded.slice(shift === 0 ? 0 : 4, -1)
  })
  const forms = [Buffer.from(text).toString('base64'), ...inner.filter((form) => form.length >= 8)]
  // RFC 4648, 5: the alphabet for URLs.
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))]
}

const escape = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
