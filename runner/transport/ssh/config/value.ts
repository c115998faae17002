import type { Kind } from './keywords.ts'
import type { ConfigLine } from './line.ts'
import { Unsure } from './unsure.ts'

/** What a line says, as `ssh -G` would show it. Throws Unsure for what ssh would refuse, or takes in newer versions alone. */
export function readValue(kind: Kind, line: ConfigLine): readonly string[] {
  const { words } = line
  if (words === undefined || words.length === 0 || words.includes('')) throw unclear(line)
  if (kind.kind === 'command') return [line.rest.replace(/^[\s=]+/, '')]
  if (kind.kind === 'jump') return [jump(line)]
  if (kind.kind === 'assignments') return assignments(words, line)
  if (kind.kind === 'words') {
    if (words.length > 1 && words.some((word) => word.toLowerCase() === 'none')) throw unclear(line)
    return words[0]?.toLowerCase() === 'none' ? ['none'] : words
  }
  const [word] = words
  if (word === undefined || words.length > 1) throw unclear(line)
  return [single(kind, word, line)]
}

/** One word. */
function single(kind: Kind, word: string, line: ConfigLine): string {
  switch (kind.kind) {
    case 'choice': {
      const shown = kind.of[word.toLowerCase()]
      if (shown === undefined) throw unclear(line)
      return shown
    }
    case 'port':
      if (!/^\d{1,5}$/.test(word) || Number(word) < 1 || Number(word) > 65_535) throw unclear(line)
      return String(Number(word))
    case 'number':
      if (!/^\d{1,9}$/.test(word)) throw unclear(line)
      return String(Number(word))
    case 'time':
      return seconds(word, line)
    case 'agent':
      return agent(word, line)
    case 'name':
      // Which tokens a name may hold differs between versions, but for the host's own name.
      if (/[%$]/.test(word.replaceAll(/%[h%]/g, ''))) throw unclear(line)
      return word
    case 'word':
    case 'list':
    case 'words':
    case 'assignments':
    case 'command':
    case 'jump':
      return word
  }
}

/** sshd_config(5), TIME FORMATS: `90`, `1m30s`; in seconds. */
function seconds(word: string, line: ConfigLine): string {
  if (word === 'none') return 'none'
  if (!/^(?:\d{1,6}[smhdw]?)+$/i.test(word)) throw unclear(line)
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  let sum = 0
  for (const [, count, unit] of word.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)) {
    sum += Number(count) * (units[unit ?? ''] ?? 1)
  }
  if (sum > 0x7fffffff) throw unclear(line)
  return String(sum)
}

/** A socket's path, or the name of a variable that holds one. */
function agent(word: string, line: ConfigLine): string {
  const answer = { yes: 'yes', true: 'yes', no: 'no', false: 'no' }[word.toLowerCase()]
  if (answer !== undefined && line.keyword === 'forwardagent') return answer
  for (const [whole, name] of word.matchAll(/\$(?:\{([^}]*)\})?/g)) {
    if (name === undefined ? word !== whole && !/^\$[A-Za-z_]\w*$/.test(word) : process.env[name] === undefined)
      throw unclear(line)
  }
  return word
}

/** `NAME=value`; the first of a name wins. */
function assignments(words: readonly string[], line: ConfigLine): string[] {
  const byName = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 0) throw unclear(line)
    const name = word.slice(0, at)
    if (!byName.has(name)) byName.set(name, word)
  }
  return [...byName.values()]
}

/** `ssh -G` puts brackets around a last stop that is an address. */
function jump(line: ConfigLine): string {
  const text = line.rest
    .replace(/^[\s=]+/, '')
    .replace(/#.*$/s, '')
    .trimEnd()
  if (text.toLowerCase() === 'none') return 'none'
  if (/[\s%$"']|:\/\//.test(text)) throw unclear(line)
  const stops = text.split(',').map((stop) => {
    const [, user, bracketed, plain, port] =
      /^(?:(.+)@)?(?:\[([^\]]+)\]|([^:[\]@-][^:[\]@]*))(?::(\d{1,5}))?$/.exec(stop) ?? []
    const host = bracketed ?? plain
    if (host === undefined || port === '0') throw unclear(line)
    const shown = host.includes(':') || /^[\d.]+$/.test(host) ? `[${host}]` : host
    return `${user === undefined ? '' : `${user}@`}${shown}${port === undefined ? '' : `:${Number(port)}`}`
  })
  return [...text.split(',').slice(0, -1), stops.at(-1)].join(',')
}

const unclear = (line: ConfigLine) => new Unsure(`${line.place}: ${line.keyword} ${line.rest}`.trimEnd())
