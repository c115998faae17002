import { TsplayError } from '../runner/model/errors.ts'
import type { Vars } from './graph.ts'
import { put } from './group-reader.ts'
import { openVars } from './secrets/secret-values.ts'
import { readSource } from './source-file.ts'
import { SourceText } from './source-text.ts'
import { varEntries } from './var-entries.ts'
import { Keyring } from './secrets/keyring.ts'
import type { Keys } from './secrets/keyring.ts'
import { readYaml } from './yaml-shape.ts'

/**
 * Reads variables as the command line gives them, later ones over earlier ones: `key=value`, the value read as YAML
 * (`replicas=3` is a number), or `@file.yaml`, a mapping. Throws `USAGE` or `INVENTORY` with what is wrong.
 */
export async function readExtraVars(
  args: readonly string[],
  cwd: string,
  keys: Keys = {},
  option = '--var ',
): Promise<Readonly<Record<string, unknown>>> {
  const keyring = new Keyring(keys)
  const vars: Record<string, unknown> = {}
  for (const arg of args)
    Object.assign(vars, arg.startsWith('@') ? await fromFile(arg.slice(1), cwd, keyring) : fromPair(arg, option))
  return vars
}

function fromPair(arg: string, option: string): Readonly<Record<string, unknown>> {
  const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg) ?? []
  if (key === undefined || value === undefined) {
    throw new TsplayError('USAGE', `${option}${arg}: this is no key=value`, { hint: 'Write key=value, or @file.yaml.' })
  }
  // YAML would read an empty value as null; nobody who writes `key=` means that.
  if (value === '') return { [key]: '' }
  return { [key]: readYaml(new SourceText(`${option}${key}`, value))?.value() }
}

async function fromFile(file: string, cwd: string, keyring: Keyring): Promise<Readonly<Record<string, unknown>>> {
  const vars: Vars = new Map()
  for (const entry of varEntries(await readSource(file, cwd, keyring))) put(vars, entry)
  await openVars([vars], keyring)
  return Object.fromEntries([...vars].map(([key, { value }]) => [key, value]))
}
