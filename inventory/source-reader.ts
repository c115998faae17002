import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TsplayError } from '../runner/model/errors.ts'
import { parseAddress } from './address.ts'
import type { InventoryGraph } from './graph.ts'
import { readGroups } from './group-reader.ts'
import { readIni } from './ini-reader.ts'
import { evaluateModule } from './module-source.ts'
import { ObjectShape } from './object-shape.ts'
import { isPrintable } from './printable.ts'
import { readScript } from './script-reader.ts'
import { readSource } from './source-file.ts'
import { folderSources } from './source-folder.ts'
import { sourceFormat } from './source-format.ts'
import type { SourceText } from './source-text.ts'
import type { Keyring } from './secrets/keyring.ts'
import { readYaml } from './yaml-shape.ts'

export interface SourceReaderOptions {
  readonly graph: InventoryGraph
  /** Every text that is read, by its file. */
  readonly texts: Map<string, SourceText>
  readonly cwd: string
  readonly keyring: Keyring
  readonly scriptTimeoutMs: number
  readonly importModule: ((file: string) => Promise<unknown>) | undefined
}

/** Reads one source after the other into a graph. */
export class SourceReader {
  readonly #options: SourceReaderOptions

  constructor(options: SourceReaderOptions) {
    this.#options = options
  }

  /** A file, or a folder with files in it. Throws `INVENTORY`. */
  async read(source: string): Promise<void> {
    const { cwd, graph, keyring, scriptTimeoutMs } = this.#options
    const path = resolve(cwd, source)
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory()) {
      for (const file of await folderSources(source, cwd)) await this.read(file)
    } else if (found && (found.mode & 0o111) !== 0 && (await isProgram(path)))
      await readScript(source, graph, { cwd, timeoutMs: scriptTimeoutMs })
    else if (/\.[cm]?[jt]sx?$/.test(source)) await this.#module(source)
    else this.#text(await readSource(source, cwd, keyring))
  }

  async #module(file: string): Promise<void> {
    const { importModule, graph, cwd, keyring } = this.#options
    if (!(await stat(resolve(cwd, file)).catch(() => undefined))) await readSource(file, cwd, keyring)
    if (!importModule) throw new TsplayError('INVENTORY', `${file}: modules can not be loaded here`)
    readGroups(new ObjectShape(file, await evaluateModule(file, importModule)), graph)
  }

  #text(source: SourceText): void {
    const { graph, texts } = this.#options
    texts.set(source.file, source)
    const format = sourceFormat(source)
    if (source.text.startsWith('#!') && !/\.(?:ya?ml|json)$/.test(source.file))
      throw source.error(
        0,
        'this is a script, but it may not be run',
        `If it is an inventory script: chmod +x ${source.file}`,
      )
    if (format === 'toml')
      throw source.error(
        0,
        'inventories in TOML are not supported',
        `Convert it once: ansible-inventory -i ${source.file} --list --yaml > hosts.yaml`,
      )
    if (format === 'ini') return readIni(source, graph)
    const root = readYaml(source)
    if (root) return readGroups(root, graph)
    throw new TsplayError('INVENTORY', `${source.file}: the file is empty; an inventory names at least one group`, {
      hint: 'Write at least: all: { hosts: { web1: {} } }',
    })
  }
}

/** Hosts by name: `web1,web2:2222,`. */
export function readHostList(list: string, graph: InventoryGraph): void {
  const origin = { file: list }
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === '') continue
    if (!isPrintable(item)) throw new TsplayError('INVENTORY', 'a host name holds a control character')
    const { name, port } = parseAddress(item) ?? { name: item, port: undefined }
    graph.host(name, graph.group('ungrouped', origin), origin, port)
  }
}

/**
 * Whether an executable file can be run: a script with an interpreter, or a binary. Others, such as those on a drive
 * where every file is executable, are data.
 */
async function isProgram(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    const head = buffer.toString('latin1', 0, bytesRead)
    return (
      head.startsWith('#!') ||
      head === '\u007fELF' ||
      /^(?:\u00cf\u00fa\u00ed\u00fe|\u00ca\u00fe\u00ba\u00be)$/.test(head)
    )
  } finally {
    await file.close()
  }
}
