import { TsplayError } from '../runner/model/errors.ts'
import { parseAddress } from './address.ts'
import { assemble } from './assemble.ts'
import { InventoryGraph } from './graph.ts'
import { readGroups } from './group-reader.ts'
import type { Inventory } from './inventory.ts'
import { isPrintable } from './printable.ts'
import { rememberSources } from './known-sources.ts'
import { ObjectShape } from './object-shape.ts'
import { exists, readSource } from './source-file.ts'
import type { SourceText } from './source-text.ts'
import { readVarFiles } from './var-files.ts'
import { YamlDocument } from './yaml-document.ts'
import { yamlShape } from './yaml-shape.ts'

export interface LoadOptions {
  /** Variables of the command line, stronger than all others. */
  readonly extraVars?: Readonly<Record<string, unknown>>
  /** Loads a TypeScript or JavaScript module from an absolute or `cwd`-relative path. @default modules are refused */
  readonly importModule?: (file: string) => Promise<unknown>
  /** What relative paths start from. @default process.cwd() */
  readonly cwd?: string
}

/**
 * Reads inventories and merges them, later ones over earlier ones. A source is a YAML or JSON file in Ansible's shape,
 * a TypeScript or JavaScript module, or a list of hosts that holds a comma (`web1,web2`, `web1,`). The folders
 * `group_vars` and `host_vars` beside a file are read too. Throws `INVENTORY` with file, line, column and a caret.
 */
export async function loadInventory(sources: readonly string[], options: LoadOptions = {}): Promise<Inventory> {
  const { cwd = process.cwd(), extraVars = {} } = options
  const [first] = sources
  if (first === undefined)
    throw new TsplayError('INVENTORY', 'no inventory was named', { hint: 'Name one: -i hosts.yaml' })
  const graph = new InventoryGraph({ file: first })
  const texts = new Map<string, SourceText>()
  const files: string[] = []
  for (const source of sources) {
    if (source.includes(',') && !(await exists(source, cwd))) readList(source, graph)
    else {
      files.push(source)
      if (/\.[cm]?[jt]sx?$/.test(source)) await readModule(source, graph, options, cwd)
      else readYaml(await readSource(source, cwd), graph, texts)
    }
  }
  graph.settle()
  await readVarFiles(files, graph, texts, cwd)
  const groupOrigins = new Map([...graph.groups.values()].map((group) => [group.name, group.origin]))
  return rememberSources(assemble(graph, sources.join(', '), extraVars), { texts, groupOrigins })
}

function readList(list: string, graph: InventoryGraph): void {
  const origin = { file: list }
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === '') continue
    if (!isPrintable(item)) throw new TsplayError('INVENTORY', 'a host name holds a control character')
    const { name, port } = parseAddress(item) ?? { name: item, port: undefined }
    const host = graph.host(name, graph.group('ungrouped', origin), origin)
    if (port !== undefined) host.vars.set('ansible_port', { value: port, origin })
  }
}

function readYaml(source: SourceText, graph: InventoryGraph, texts: Map<string, SourceText>): void {
  texts.set(source.file, source)
  refuseOtherFormats(source)
  const root = yamlShape(new YamlDocument(source))
  if (!root) {
    const hint = 'Write at least: all: { hosts: { web1: {} } }'
    throw new TsplayError('INVENTORY', `${source.file}: the file is empty; an inventory names at least one group`, {
      hint,
    })
  }
  readGroups(root, graph)
}

function refuseOtherFormats(source: SourceText): void {
  const hint = `Convert it once: ansible-inventory -i ${source.file} --list --yaml > hosts.yaml`
  if (source.text.startsWith('#!')) {
    if (/\.(?:ya?ml|json)$/.test(source.file)) return
    throw source.error(0, 'this is a script; inventory scripts are not supported', hint)
  }
  const ini = /^\[[\w.:-]+\][ \t]*(?:#.*)?$/m.exec(source.text)
  if (ini && (/\.(?:ini|cfg)$/.test(source.file) || !/^[\w.-]+:(?:\s|$)/m.test(source.text.slice(0, ini.index)))) {
    throw source.error(ini.index, "this is Ansible's INI format; inventories are YAML or TypeScript", hint)
  }
}

async function readModule(file: string, graph: InventoryGraph, options: LoadOptions, cwd: string): Promise<void> {
  if (!(await exists(file, cwd))) await readSource(file, cwd)
  if (!options.importModule) throw new TsplayError('INVENTORY', `${file}: modules can not be loaded here`)
  const shape = await evaluate(file, options.importModule)
  readGroups(new ObjectShape(file, shape), graph)
}

async function evaluate(file: string, importModule: (file: string) => Promise<unknown>): Promise<unknown> {
  try {
    const module = await importModule(file)
    const made: unknown =
      typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
    if (made === undefined) {
      const hint = 'Write: export default inventory({ … })'
      throw new TsplayError('INVENTORY', `${file}: the module has no default export`, { hint })
    }
    return typeof made === 'function' ? await (made as () => unknown)() : made
  } catch (error) {
    if (error instanceof TsplayError) throw error
    const text = error instanceof Error ? error.message : String(error)
    throw new TsplayError('INVENTORY', `${file}: the module failed: ${text}`, { cause: error })
  }
}
