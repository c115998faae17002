import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { put } from './group-reader.ts'
import type { InventoryGraph, VarFolder, Vars } from './graph.ts'
import type { ShapeEntry } from './shape-node.ts'

/** Extensions of variable files, in the order in which they are looked for; the first that is there is the one. */
const extensions = ['', '.yml', '.yaml', '.json']

/**
 * Reads `group_vars/NAME` and `host_vars/NAME` of a folder, by Ansible's rules: NAME, NAME.yml, NAME.yaml or NAME.json,
 * the first that is there; a folder NAME stands for all such files below it, in alphabetical order. Files for names
 * that the inventory does not have are left alone. `read` gives the variables of a file.
 */
export async function readVarFolder(
  folder: string,
  graph: InventoryGraph,
  read: (file: string) => Promise<readonly ShapeEntry[]>,
  cwd: string,
): Promise<VarFolder> {
  const of = async (kind: string, names: Iterable<string>) => {
    const found = new Map<string, Vars>()
    const path = join(folder, kind)
    const there = new Set(await list(path, cwd))
    if (there.size === 0) return found
    const files = async (name: string): Promise<[name: string, entries: readonly ShapeEntry[]] | undefined> => {
      const entry = extensions.map((extension) => name + extension).find((one) => there.has(one))
      if (entry === undefined) return undefined
      const entries: ShapeEntry[] = []
      for (const file of await varFiles(join(path, entry), cwd)) entries.push(...(await read(file)))
      return [name, entries]
    }
    for await (const one of readAhead(names, files)) {
      if (one === undefined) continue
      const [name, entries] = one
      const vars: Vars = new Map()
      for (const entry of entries) put(vars, entry)
      found.set(name, vars)
    }
    return found
  }
  return {
    groups: await of('group_vars', graph.groups.keys()),
    hosts: await of('host_vars', graph.hosts.keys()),
  }
}

/** So many files are read at a time. */
const atOnce = 16

/** The answers in the order of the names; the first that fails is the one that is told. */
async function* readAhead<T>(names: Iterable<string>, read: (name: string) => Promise<T>): AsyncGenerator<T> {
  const running: Promise<T>[] = []
  for (const name of names) {
    const one = read(name)
    // Whoever fails after the first that failed is not told.
    one.catch(() => {})
    running.push(one)
    if (running.length === atOnce) yield running.shift()!
  }
  yield* running
}

/** The file itself, or those below a folder of that name. */
async function varFiles(path: string, cwd: string): Promise<readonly string[]> {
  return (await kindOf(path, cwd)) === 'folder' ? below(path, cwd) : [path]
}

async function below(folder: string, cwd: string): Promise<string[]> {
  const files: string[] = []
  for (const name of await list(folder, cwd)) {
    if (name.startsWith('.') || name.endsWith('~')) continue
    const path = join(folder, name)
    const kind = await kindOf(path, cwd)
    const extension = extname(name)
    if (kind === 'folder' && extension === '') files.push(...(await below(path, cwd)))
    else if (kind === 'file' && extensions.includes(extension)) files.push(path)
  }
  return files
}

async function list(folder: string, cwd: string): Promise<string[]> {
  const names: string[] = await readdir(resolve(cwd, folder)).catch(() => [])
  return names.toSorted()
}

const kindOf = (path: string, cwd: string): Promise<'file' | 'folder' | 'other'> =>
  stat(resolve(cwd, path)).then(
    (it) => (it.isDirectory() ? 'folder' : it.isFile() ? 'file' : 'other'),
    () => 'other',
  )
