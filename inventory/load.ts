import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TsplayError } from '../runner/model/errors.ts'
import { assemble } from './assemble.ts'
import { InventoryGraph } from './graph.ts'
import type { Inventory } from './inventory.ts'
import { rememberSources } from './known-sources.ts'
import { openValues } from './secrets/secret-values.ts'
import { exists, readSource } from './source-file.ts'
import { readHostList, SourceReader } from './source-reader.ts'
import type { SourceText } from './source-text.ts'
import { Keyring } from './secrets/keyring.ts'
import type { Keys } from './secrets/keyring.ts'
import { varEntries } from './var-entries.ts'
import { readVarFolder } from './var-files.ts'

export interface LoadOptions extends Keys {
  /** Variables of the command line, stronger than all others. */
  readonly extraVars?: Readonly<Record<string, unknown>>
  /** Loads a TypeScript or JavaScript module from an absolute or `cwd`-relative path. @default modules are refused */
  readonly importModule?: (file: string) => Promise<unknown>
  /** What relative paths start from. @default process.cwd() */
  readonly cwd?: string
  /** The playbook's folder, whose `group_vars` and `host_vars` are stronger than those beside the inventory. */
  readonly playbookFolder?: string
  /** For one call of an inventory script. @default 60 000 ms */
  readonly scriptTimeoutMs?: number
}

/**
 * Reads inventories and merges them, later ones over earlier ones. A source is a YAML, JSON or INI file in Ansible's
 * shape, a TypeScript or JavaScript module, an executable that answers `--list`, a folder of such files, or a list of
 * hosts that holds a comma (`web1,web2`, `web1,`). The folders `group_vars` and `host_vars` beside a file, in a folder
 * and beside the playbook are read too. Throws `INVENTORY` with file, line, column and a caret.
 */
export async function loadInventory(sources: readonly string[], options: LoadOptions = {}): Promise<Inventory> {
  const { cwd = process.cwd(), extraVars = {}, importModule, scriptTimeoutMs = 60_000, playbookFolder } = options
  const [first] = sources
  if (first === undefined)
    throw new TsplayError('INVENTORY', 'no inventory was named', { hint: 'Name one: -i hosts.yaml' })
  const keyring = new Keyring(options)
  const graph = new InventoryGraph({ file: first })
  const texts = new Map<string, SourceText>()
  const reader = new SourceReader({ graph, texts, cwd, keyring, importModule, scriptTimeoutMs })
  const folders: string[] = []
  for (const source of sources) {
    if (source.includes(',') && !(await exists(source, cwd))) readHostList(source, graph)
    else {
      await reader.read(source)
      folders.push((await isFolder(source, cwd)) ? source : dirname(source))
    }
  }
  graph.settle()
  const entries = async (file: string) => {
    const source = texts.get(file) ?? (await readSource(file, cwd, keyring))
    texts.set(file, source)
    return varEntries(source)
  }
  const read = (folder: string) => readVarFolder(folder, graph, entries, cwd)
  for (const folder of lastOfEach(folders)) graph.inventoryFolders.push(await read(folder))
  if (playbookFolder !== undefined) graph.playbookFolders.push(await read(playbookFolder))
  await openValues(graph, keyring)
  const groupOrigins = new Map([...graph.groups.values()].map((group) => [group.name, group.origin]))
  return rememberSources(assemble(graph, sources.join(', '), extraVars), { texts, groupOrigins, graph })
}

/** A folder that two sources share applies where the later one stands. */
const lastOfEach = (folders: readonly string[]) => folders.filter((folder, i) => folders.lastIndexOf(folder) === i)

const isFolder = (path: string, cwd: string): Promise<boolean> =>
  stat(resolve(cwd, path)).then(
    (it) => it.isDirectory(),
    () => false,
  )
