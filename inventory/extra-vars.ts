import { TsplayError } from '../runner/model/errors.ts'
import { readSource } from './source-file.ts'
import { SourceText } from './source-text.ts'
import { YamlDocument } from './yaml-document.ts'
import { yamlShape } from './yaml-shape.ts'

/**
 * Reads variables as the command line gives them, later ones over earlier ones: `key=value`, the value read as YAML
 * (`replicas=3` is a number), or `@file.yaml`, a mapping. Throws `USAGE` or `INVENTORY` with what is wrong.
 */
export async function readExtraVars(args: readonly string[], cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const vars: Record<string, unknown> = {}
  for (const arg of args) Object.assign(vars, arg.startsWith('@') ? await fromFile(arg.slice(1), cwd) : fromPair(arg))
  return vars
}

function fromPair(arg: string): Readonly<Record<string, unknown>> {
  const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg) ?? []
  if (key === undefined || value === undefined) {
    throw new TsplayError('USAGE', `--var ${arg}: this is no variable`, { hint: 'Write key=value, or @file.yaml.' })
  }
  // YAML would read an empty value as null; nobody who writes `key=` means that.
  if (value === '') return { [key]: '' }
  return { [key]: yamlShape(new YamlDocument(new SourceText(`--var ${key}`, value)))?.value() }
}

async function fromFile(file: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const root = yamlShape(new YamlDocument(await readSource(file, cwd)))
  if (root === undefined) return {}
  if (root.kind !== 'map')
    throw root.error('variables are a mapping of names and values', 'Write one per line: name: value')
  return Object.fromEntries(root.entries().map((entry) => [entry.key, entry.node.value()]))
}
