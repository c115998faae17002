import { readFileSync } from 'node:fs'
import { TsplayError } from '../runner/model/errors.ts'
import { globPattern } from './glob.ts'
import type { Inventory } from './inventory.ts'
import { near } from './near.ts'
import { patternTerms } from './pattern-terms.ts'
import type { Subscript, Term } from './pattern-terms.ts'
import { pythonRegex } from './python-regex.ts'

/**
 * The names of the hosts that a pattern selects, each once, in Ansible's order. Its grammar: `a,b` and `a:b` either,
 * `!a` not, `&a` only those also in; names of groups and hosts, `all`, globs, `~regex`, subscripts `[0]`, `[-1]`,
 * `[0:2]` (the end included), IPv6 addresses in brackets, `@file` with a pattern on each line.
 * An empty answer is no error. Throws `INVENTORY` for a name that neither a group nor a host has (globs and regular
 * expressions may match nothing), for a subscript outside the group, and for a regular expression that is none.
 */
export function selectHosts(inventory: Inventory, pattern: string): readonly string[] {
  const parts = pattern.split(',').map((part) => part.trim())
  const text = parts.some((part) => part.startsWith('@')) ? parts.flatMap(fromFile).join(',') : pattern
  let selected = new Set<string>()
  for (const term of patternTerms(text)) {
    const matched = matches(inventory, term, pattern)
    switch (term.sign) {
      case '':
        if (selected.size === 0) selected = matched
        else for (const host of matched) selected.add(host)
        break
      case '&':
        selected = new Set([...selected].filter((host) => matched.has(host)))
        break
      case '!':
        for (const host of matched) selected.delete(host)
        break
    }
  }
  return [...selected]
}

function fromFile(part: string): string[] {
  if (!part.startsWith('@')) return [part]
  const file = part.slice(1)
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    const terms = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
    // An empty file selects nothing: without any term here, `@file,!web` would mean all but web.
    return terms.length > 0 ? terms : ['~(?!)']
  } catch (cause) {
    throw new TsplayError('INVENTORY', `the pattern "${part}" names a file that can not be read: ${file}`, { cause })
  }
}

function matches(inventory: Inventory, term: Term, pattern: string): Set<string> {
  // The whole text first: a host's own name may look like a glob or a subscript.
  if (inventory.hosts.has(term.text)) return new Set([term.text])
  const found = named(inventory, term, pattern)
  return new Set(term.subscript ? subscripted(found, term, term.subscript) : found)
}

/** A host that is in several groups that match is there several times: Ansible's subscripts count it so. */
function named(inventory: Inventory, term: Term, pattern: string): readonly string[] {
  const { expression } = term
  const { groups, hosts } = inventory
  if (!/^~|[*?[]/.test(expression)) {
    const group = groups.get(expression)
    if (group && !(expression.includes('.') && hosts.has(expression))) return group.hosts
    if (hosts.has(expression)) return [...(group?.hosts ?? []), expression]
    throw unknown(inventory, term, pattern)
  }
  const test = compile(expression, pattern)
  return [
    ...[...groups.values()].filter(({ name }) => test.test(name)).flatMap((group) => group.hosts),
    ...[...hosts.keys()].filter((host) => test.test(host)),
  ]
}

function compile(expression: string, pattern: string): RegExp {
  if (!expression.startsWith('~')) return globPattern(expression)
  try {
    return pythonRegex(expression.slice(1))
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('INVENTORY', `pattern "${pattern}": ${text}`, { cause })
  }
}

function subscripted(hosts: readonly string[], { text }: Term, { from, to }: Subscript): readonly string[] {
  if (hosts.length === 0) return []
  if (to !== undefined) {
    if (to !== -1 && to < from) throw new TsplayError('INVENTORY', `pattern "${text}": the range ends before it begins`)
    return hosts.slice(from, to === -1 ? undefined : to + 1)
  }
  const host = hosts.at(from)
  if (host !== undefined) return [host]
  const count = hosts.length === 1 ? 'is 1 host: [0]' : `are ${hosts.length} hosts: [0] to [${hosts.length - 1}]`
  throw new TsplayError('INVENTORY', `pattern "${text}" counts too far: there ${count}`)
}

function unknown({ groups, hosts, source }: Inventory, term: Term, pattern: string): TsplayError {
  const { expression: name, subscript } = term
  const where = name === pattern.trim() ? '' : ` in the pattern "${pattern}"`
  const names = [...groups.keys()].filter((group) => group !== 'all' && group !== 'ungrouped')
  const likely = near(name, [...groups.keys(), ...hosts.keys()]).map((one) => `"${one}"`)
  const counted = subscript ? `Brackets at the end count the hosts of a group; "${term.text}*" would be a glob. ` : ''
  const guess = likely.length > 0 ? `Did you mean ${likely.join(' or ')}? ` : ''
  const known =
    names.length === 0
      ? 'There are no groups but all.'
      : `Groups: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}.`
  const hint = /^(?:localhost|127\.0\.0\.1|::1)$/.test(name)
    ? `To run on this machine put it into the inventory: ${name}: { ansible_connection: local }`
    : counted + guess + known
  return new TsplayError('INVENTORY', `no group or host "${name}"${where} in ${source}`, { hint })
}
