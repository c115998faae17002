import type { Origin } from './inventory.ts'
import { printable } from './printable.ts'
import { showOrigin } from './source-text.ts'

/** One thing that is wrong with variables, on all hosts that have it alike. */
export interface VarProblem {
  readonly hosts: readonly string[]
  /** From the variable's name inwards. */
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Of the value; for a variable that is missing, of the host, or of the group that its hosts make up. */
  readonly origin: Origin
  /** The source line with a caret, where there is a text. */
  readonly excerpt: string | undefined
  /** What the user can do. */
  readonly hint: string | undefined
  /** What asked for the variable. */
  readonly context: string
}

const mostProblems = 20
const mostHosts = 3

/** All problems for people, each with place, source line, hosts and what to do; beyond twenty they are only counted. */
export function renderProblems(problems: readonly VarProblem[]): string {
  const shown = withoutRepeats(problems)
  const texts = shown.slice(0, mostProblems).map(render)
  if (shown.length > mostProblems) texts.push(`and ${shown.length - mostProblems} more problems`)
  return texts.join('\n\n')
}

interface Shown extends Omit<VarProblem, 'context'> {
  readonly contexts: Set<string>
  readonly allHosts: Set<string>
}

/** What several plays find wrong in the same place is one problem. */
function withoutRepeats(problems: readonly VarProblem[]): Shown[] {
  const found = new Map<string, Shown>()
  for (const problem of problems) {
    const key = JSON.stringify([showOrigin(problem.origin), problem.path.map(String), problem.message])
    const known = found.get(key)
    if (!known) found.set(key, { ...problem, contexts: new Set([problem.context]), allHosts: new Set(problem.hosts) })
    else {
      known.contexts.add(problem.context)
      for (const host of problem.hosts) known.allHosts.add(host)
    }
  }
  return [...found.values()]
}

function render({ origin, path, message, excerpt, hint, allHosts, contexts }: Shown): string {
  const name = showPath(path)
  const lines = [printable(`${showOrigin(origin)}: ${name === '' ? '' : `${name}: `}${message}`)]
  if (excerpt !== undefined) lines.push(excerpt)
  const wanted = [...contexts].slice(0, 3).join(', ')
  const more = contexts.size > 3 ? ` and ${contexts.size - 3} more` : ''
  lines.push(`  on ${showHosts([...allHosts])}, wanted by ${wanted}${more}`)
  if (hint !== undefined) lines.push(`  ${hint}`)
  return lines.join('\n')
}

/** `limits.cpu`, `servers[0].name`. */
export const showPath = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('')

function showHosts(hosts: readonly string[]): string {
  const rest = hosts.length - mostHosts
  if (rest <= 1) return hosts.join(', ')
  return `${hosts.slice(0, mostHosts).join(', ')} and ${rest} more hosts`
}
