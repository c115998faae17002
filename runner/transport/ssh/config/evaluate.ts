import { isInclude, type ConfigFile } from './file.ts'
import { aliases, keywords, otherKeywords } from './keywords.ts'
import type { ConfigLine } from './line.ts'
import { judgeMatch } from './match.ts'
import { matchesPattern, matchesPatternList } from './pattern.ts'
import { Unsure } from './unsure.ts'
import { readValue } from './value.ts'

export interface Said {
  readonly value: readonly string[]
  /** `FILE line N`; undefined for what was given from outside. */
  readonly place: string | undefined
}

/** The values of one host while the files are read: for each keyword the first one wins, but for those that add up. */
export class Evaluation {
  readonly values = new Map<string, Said>()
  /** `FILE line N: what it names` of each block that applies. */
  readonly applied = new Set<string>()
  /** Whether the files are to be read again, as if the host had been given by its final name. */
  wantsFinal = false
  readonly #originalHost: string
  readonly #localUser: string

  constructor(originalHost: string, localUser: string) {
    this.#originalHost = originalHost
    this.#localUser = localUser
  }

  one(keyword: string): string | undefined {
    return this.values.get(keyword)?.value[0]
  }

  /** Sets what comes before all files. */
  give(keyword: string, value: string): void {
    this.values.set(keyword, { value: [value], place: undefined })
  }

  /** Reads a file for a host of this name. Throws Unsure. */
  read(file: ConfigFile, host: string, final: boolean): void {
    this.#walk(file, host, final, true)
  }

  #walk(file: ConfigFile, host: string, final: boolean, reachable: boolean): void {
    if (file.refused !== undefined) throw new Unsure(file.refused)
    let active = reachable
    for (const line of file.lines) {
      if (line.keyword === 'host') active = this.#judgeHost(line, host, reachable)
      else if (line.keyword === 'match') active = this.#judgeMatch(line, host, final, reachable)
      else if (isInclude(line)) {
        if (line.obstacle !== undefined) throw new Unsure(`${line.place}: ${line.obstacle}`, { lasting: false })
        for (const included of line.files) this.#walk(included, host, final, active)
      } else this.#take(line, active)
    }
  }

  #judgeHost(line: ConfigLine, host: string, reachable: boolean): boolean {
    if (line.words === undefined || line.words.includes('')) throw new Unsure(`${line.place}: Host ${line.rest}`)
    let matched: string | undefined
    for (const word of line.words) {
      const negated = word.startsWith('!')
      const pattern = negated ? word.slice(1) : word
      if (!matchesPattern(host, pattern)) continue
      if (negated) return false
      matched ??= pattern
    }
    if (matched === undefined || !reachable) return false
    this.applied.add(`${line.place}: ${matched}`)
    return true
  }

  #judgeMatch(line: ConfigLine, host: string, final: boolean, reachable: boolean): boolean {
    const hostName = this.one('hostname')
    const subject = {
      host: final || hostName === undefined ? (hostName ?? host) : expandHostName(hostName, host),
      originalHost: this.#originalHost,
      user: this.one('user') ?? this.#localUser,
      localUser: this.#localUser,
      tag: this.one('tag') ?? '',
      final,
    }
    const { matches, wantsFinal } = judgeMatch(line, subject, reachable)
    if (wantsFinal) this.wantsFinal = true
    if (!matches || !reachable) return false
    this.applied.add(`${line.place}: Match ${line.rest}`)
    return true
  }

  #take(line: ConfigLine, active: boolean): void {
    const keyword = aliases[line.keyword] ?? line.keyword
    const kind = keywords[keyword]
    if (kind === undefined) {
      if (otherKeywords.has(keyword) || matchesPatternList(keyword, (this.one('ignoreunknown') ?? '').toLowerCase()))
        return
      throw new Unsure(`${line.place}: ${keyword} is not known here`)
    }
    const value = readValue(kind, { ...line, keyword })
    // To ssh, no limit is what it takes for not said: a later line still counts.
    if (!active || (kind.kind === 'time' && value[0] === 'none')) return
    const { place } = line
    const known = this.values.get(keyword)
    if (kind.kind === 'list') {
      const all = [...(known?.value ?? []), ...value]
      this.values.set(keyword, { value: [...new Set(all)], place: known?.place ?? place })
    } else if (known === undefined && !this.#isOvertaken(keyword, value[0])) this.values.set(keyword, { value, place })
  }

  /** ProxyJump and ProxyCommand stand for one another: the first of both wins. A jump to none only ends the search for jumps. */
  #isOvertaken(keyword: string, value: string | undefined): boolean {
    if (keyword === 'proxyjump') return value !== 'none' && this.values.has('proxycommand')
    return keyword === 'proxycommand' && (this.one('proxyjump') ?? 'none') !== 'none'
  }
}

/** HostName may hold the name that was given. */
export const expandHostName = (text: string, host: string) =>
  text.replaceAll(/%(h|%)/g, (_, letter: string) => (letter === 'h' ? host : '%'))
