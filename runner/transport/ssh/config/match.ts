import { matchesPatternList } from './pattern.ts'
import type { ConfigLine } from './line.ts'
import { Unsure } from './unsure.ts'

/** What a Match line is judged by. */
export interface MatchSubject {
  /** The host's name after HostName, as far as that is known. */
  readonly host: string
  /** As given to ssh. */
  readonly originalHost: string
  /** The user on the host. */
  readonly user: string
  /** The user here. */
  readonly localUser: string
  /** The value of Tag, or nothing. */
  readonly tag: string
  /** Whether the configuration is read for the second time. */
  readonly final: boolean
}

export interface MatchResult {
  readonly matches: boolean
  /** Whether the configuration asks to be read for a second time. */
  readonly wantsFinal: boolean
}

/**
 * Judges a Match line; `reachable` is false where it makes no difference, so that nothing need be asked. Throws Unsure for
 * criteria that ask programs or the network.
 */
export function judgeMatch(line: ConfigLine, subject: MatchSubject, reachable: boolean): MatchResult {
  const words = [...(line.words ?? [])]
  if (words.length === 0) throw unclear(line)
  let matches = true
  let wantsFinal = false
  while (words.length > 0) {
    const { negated, name, value } = take(words)
    const judged = (holds: boolean) => {
      if (holds === negated) matches = false
    }
    if (name === 'all') {
      judged(true)
      if (words.length > 0) throw unclear(line)
    } else if (name === 'final' || name === 'canonical') {
      if (name === 'final') wantsFinal = true
      // Older versions read twice for that as well, newer ones do not.
      if (name === 'final' && negated) throw unclear(line)
      judged(subject.final)
    } else if (name === 'exec' || name === 'localnetwork') {
      if (reachable && matches) throw new Unsure(`${line.place}: Match ${name}`, { lasting: false })
    } else {
      const holds = value === undefined ? undefined : judgeText(name, value, subject)
      if (holds === undefined) throw unclear(line)
      judged(holds)
    }
  }
  return { matches, wantsFinal }
}

interface Criterion {
  readonly negated: boolean
  readonly name: string
  readonly value: string | undefined
}

/** The next criterion of a line: `NAME VALUE`, `NAME=VALUE`, or one of those that have no value. */
function take(words: string[]): Criterion {
  const first = words.shift() ?? ''
  const negated = first.startsWith('!')
  const [, name = '', assigned] = /^!?([^=]*)(?:=(.*))?$/s.exec(first) ?? []
  const bare = ['all', 'final', 'canonical'].includes(name.toLowerCase())
  return { negated, name: name.toLowerCase(), value: bare ? undefined : (assigned ?? words.shift()) }
}

/** Undefined for a criterion that is not known here. */
function judgeText(name: string, value: string, subject: MatchSubject): boolean | undefined {
  if (value === '' && name !== 'tagged') return undefined
  switch (name) {
    case 'host':
      return matchesPatternList(subject.host.toLowerCase(), value.toLowerCase())
    case 'originalhost':
      return matchesPatternList(subject.originalHost.toLowerCase(), value.toLowerCase())
    case 'user':
      return matchesPatternList(subject.user, value)
    case 'localuser':
      return matchesPatternList(subject.localUser, value)
    case 'tagged':
      return subject.tag === '' ? value === '' : matchesPatternList(subject.tag, value)
    default:
      return undefined
  }
}

const unclear = (line: ConfigLine) => new Unsure(`${line.place}: Match ${line.rest}`)
