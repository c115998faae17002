import type { TsplayError } from '../runner/model/errors.ts'
import type { GraphGroup, InventoryGraph, Vars } from './graph.ts'
import { hostNames } from './host-names.ts'
import { iniLines } from './ini-lines.ts'
import type { IniLine } from './ini-lines.ts'
import { iniWords, WordFault } from './ini-words.ts'
import { didYouMean } from './near.ts'
import { PendingGroups } from './pending-groups.ts'
import { isPrintable } from './printable.ts'
import { LiteralFault, pythonLiteral } from './python-literal.ts'
import { secretly } from './secrets/secret-values.ts'
import type { SourceText } from './source-text.ts'

const kinds = ['hosts', 'children', 'vars'] as const

type Kind = (typeof kinds)[number]

const header = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const groupName = /^([^:\]\s]+)\s*(?:#.*)?$/

/**
 * Reads an inventory in Ansible's INI format: `[group]` with hosts, `[group:children]`, `[group:vars]`, and hosts before
 * the first section. Values are Python literals where they can be, see {@link pythonLiteral}. Adds to the graph; throws
 * on the first fault.
 */
export function readIni(source: SourceText, graph: InventoryGraph): void {
  new IniReader(source, graph).read()
}

class IniReader {
  readonly #source: SourceText
  readonly #graph: InventoryGraph
  readonly #pending: PendingGroups

  constructor(source: SourceText, graph: InventoryGraph) {
    this.#source = source
    this.#graph = graph
    this.#pending = new PendingGroups(graph, (offset, ...said) => this.#error(offset, ...said))
  }

  read(): void {
    let kind: Kind = 'hosts'
    let group = this.#graph.group('ungrouped', { file: this.#source.file })
    for (const line of iniLines(this.#source.text)) {
      const found = header.exec(line.text)
      if (found) {
        kind = this.#kind(found[2] ?? 'hosts', line)
        group = this.#section(found[1] ?? '', kind, line)
      } else if (line.text.startsWith('[') && line.text.endsWith(']')) {
        throw this.#error(
          line.offset,
          `this is no section: ${line.text}`,
          'Sections are [group], [group:children] and [group:vars], without spaces.',
        )
      } else if (kind === 'hosts') this.#host(line, group)
      else if (kind === 'vars') this.#variable(line, group)
      else this.#child(line, group)
    }
    this.#pending.end()
  }

  #kind(text: string, { offset }: IniLine): Kind {
    const kind = kinds.find((one) => one === text)
    if (kind !== undefined) return kind
    throw this.#error(offset, `a section of kind "${text}" is not known.${didYouMean(text, kinds)}`)
  }

  #section(name: string, kind: Kind, { offset }: IniLine): GraphGroup {
    if (!isPrintable(name)) throw this.#error(offset, `"${name}" is no group name: it holds a control character`)
    const isNew = !this.#graph.groups.has(name)
    const group = this.#graph.group(name, this.#source.origin(offset))
    if (kind !== 'vars') this.#pending.declare(group)
    else if (isNew) this.#pending.varsOf(group, offset)
    return group
  }

  #host(line: IniLine, group: GraphGroup): void {
    const [first, ...rest] = this.#words(line)
    if (first === undefined) return
    const error = (message: string, hint?: string) => this.#error(line.offset + first.offset, message, hint)
    if (first.text === '---')
      throw error('this begins a YAML document, but the file is read as INI', 'Name the file hosts.yaml.')
    const { names, port } = hostNames(first.text, error)
    if (first.text.endsWith(':') && port === undefined)
      throw error(
        `"${first.text}" ends in a colon, which begins a port`,
        'If the file is YAML, name it hosts.yaml; else remove the colon.',
      )
    const origin = this.#source.origin(line.offset)
    const vars: Vars = new Map()
    for (const { text, offset } of rest) {
      const equals = text.indexOf('=')
      const at = line.offset + offset
      if (equals === -1) throw this.#error(at, `key=value is expected after a host, not ${text}`, hostHint(text))
      const key = text.slice(0, equals)
      vars.set(key, { value: this.#value(text.slice(equals + 1), at), origin: this.#source.origin(at) })
    }
    for (const name of names) {
      const host = this.#graph.host(name, group, origin, port)
      for (const [key, value] of vars) host.vars.set(key, value)
    }
  }

  #words(line: IniLine) {
    try {
      return iniWords(line.text)
    } catch (fault) {
      if (fault instanceof WordFault) throw this.#error(line.offset + fault.offset, fault.message)
      throw fault
    }
  }

  #variable({ text, offset }: IniLine, group: GraphGroup): void {
    const equals = text.indexOf('=')
    if (equals === -1) {
      const hint = text.includes(':') ? 'In INI a variable is written with an equals sign.' : undefined
      throw this.#error(offset, `key=value is expected, not ${text}`, hint)
    }
    const key = text.slice(0, equals).trim()
    const value = this.#value(text.slice(equals + 1).trim(), offset)
    if (key !== 'ansible_group_priority') {
      group.vars.set(key, { value, origin: this.#source.origin(offset) })
      return
    }
    if (!Number.isInteger(Number(value)) || typeof value === 'object')
      throw this.#error(offset, 'ansible_group_priority must be a whole number')
    group.priority = Number(value)
  }

  #value(text: string, offset: number): unknown {
    try {
      const literal = pythonLiteral(text)
      const value = literal ? literal.value : text
      return this.#source.isSecret ? secretly(value) : value
    } catch (fault) {
      if (fault instanceof LiteralFault)
        throw this.#error(offset, fault.message, 'Put it in quotes within quotes: "\'…\'".')
      throw fault
    }
  }

  #child({ text, offset }: IniLine, parent: GraphGroup): void {
    const name = groupName.exec(text)?.[1]
    if (name === undefined) throw this.#error(offset, `the name of a group is expected, not ${text}`)
    if (name === 'all') throw this.#error(offset, '"all" holds every group and can not be in one', 'Remove it here.')
    this.#pending.child(parent, name, offset)
  }

  #error(offset: number, message: string, hint?: string): TsplayError {
    return this.#source.error(offset, message, hint)
  }
}

const hostHint = (text: string): string =>
  text.startsWith(':') || text.endsWith(':')
    ? 'Write the port right after the name: web1:2222'
    : 'Each host has a line of its own; a value with spaces is put in quotes.'
