import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { priority, put } from './group-reader.ts'
import type { InventoryGraph, Vars } from './graph.ts'
import { kindName } from './shape-node.ts'
import type { ShapeEntry } from './shape-node.ts'
import { readSource } from './source-file.ts'
import type { SourceText } from './source-text.ts'
import { YamlDocument } from './yaml-document.ts'
import { yamlShape } from './yaml-shape.ts'

/**
 * Reads `group_vars/NAME` and `host_vars/NAME` beside each inventory file: NAME.yml, .yaml, .json or a folder of such
 * files, read in alphabetical order. Files for names that the inventory does not have are left alone, as Ansible does.
 */
export async function readVarFiles(
  files: readonly string[],
  graph: InventoryGraph,
  texts: Map<string, SourceText>,
  cwd: string,
): Promise<void> {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const read = async (file: string) => {
      const source = texts.get(file) ?? (await readSource(file, cwd))
      texts.set(file, source)
      return varEntries(source)
    }
    for (const [name, file] of await named(join(folder, 'group_vars'), cwd)) {
      const group = graph.groups.get(name)
      for (const entry of group ? await read(file) : []) {
        if (entry.key === 'ansible_group_priority') group!.priority = priority(entry)
        else put(group!.fileVars, entry)
      }
    }
    for (const [name, file] of await named(join(folder, 'host_vars'), cwd)) {
      const host = graph.hosts.get(name)
      const vars: Vars | undefined = host?.fileVars
      for (const entry of vars ? await read(file) : []) put(vars!, entry)
    }
  }
}

/** Pairs of a group's or host's name and a file for it, in the order in which they apply. */
async function named(folder: string, cwd: string): Promise<[name: string, file: string][]> {
  const found: [string, string][] = []
  for (const entry of await list(folder, cwd)) {
    const path = join(folder, entry)
    if (await isFolder(path, cwd))
      found.push(...(await below(path, cwd)).map((file): [string, string] => [entry, file]))
    else if (isVarFile(entry)) found.push([entry.replace(extension, ''), path])
  }
  return found
}

async function below(folder: string, cwd: string): Promise<string[]> {
  const files: string[] = []
  for (const entry of await list(folder, cwd)) {
    const path = join(folder, entry)
    if (await isFolder(path, cwd)) files.push(...(await below(path, cwd)))
    else if (isVarFile(entry)) files.push(path)
  }
  return files
}

const extension = /\.(?:ya?ml|json)$/

/** Names without an extension count too: hosts such as `web1.example.org` have dots in theirs. */
const isVarFile = (name: string) => !/\.(?:bak|orig|old|swp|rej|retry|md|txt|ini|cfg)$|~$/.test(name)

const list = async (folder: string, cwd: string): Promise<string[]> =>
  (await readdir(resolve(cwd, folder)).catch(() => [])).filter((name) => !name.startsWith('.')).toSorted()

const isFolder = (path: string, cwd: string): Promise<boolean> =>
  stat(resolve(cwd, path)).then(
    (it) => it.isDirectory(),
    () => false,
  )

function varEntries(source: SourceText): ShapeEntry[] {
  const root = yamlShape(new YamlDocument(source))
  if (!root) return []
  if (root.kind === 'map') return root.entries()
  throw root.error(
    `variables are a mapping of names and values; this is ${kindName(root)}`,
    'Write one variable per line: name: value',
  )
}
