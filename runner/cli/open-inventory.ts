import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { readExtraVars } from '../../inventory/extra-vars.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import { TsplayError } from '../model/errors.ts'
import type { Sandbox } from '../transport/sandbox/sandbox.ts'
import type { Target } from '../transport/target.ts'
import type { Console } from './console.ts'
import { loadModule } from './load-module.ts'
import type { HostOptions } from './options.ts'
import { ageKeys } from './secrets/age-keys.ts'
import { readVaultKeys } from './vault-keys.ts'

/** An inventory, and what was started for it. */
export interface OpenInventory extends AsyncDisposable {
  readonly inventory: Inventory
  /** How hosts that were started for this run are reached; `undefined` for those of files. */
  ownTarget(host: string): Target | undefined
  /** What the user has to know of it. */
  readonly notice?: string
}

const fileNames = ['hosts.yaml', 'hosts.yml', 'inventory.yaml']

/** Loads what `-i` names; else `TSPLAY_INVENTORY`; else a file beside the playbook or in the current folder. */
export async function openInventory(
  options: Omit<HostOptions, 'limit'>,
  { env, cwd }: Pick<Console, 'env' | 'cwd'>,
  playbook?: string,
): Promise<OpenInventory> {
  const sources = options.inventory ?? defaultSources(env['TSPLAY_INVENTORY'], cwd, playbook)
  const counts = sources.map((source) => /^sandbox:(.*)$/.exec(source)?.[1])
  const asked = counts.filter((count) => count !== undefined)
  if (asked.length > 1) throw new TsplayError('USAGE', 'there is one sandbox in a run: give sandbox:N once')
  const sandbox = asked[0] === undefined ? undefined : await openSandbox(asked[0], cwd)
  try {
    const named = sources.map((source, i) => (counts[i] === undefined ? source : `${hostList(sandbox)},`))
    const keys = { vaultKeys: await readVaultKeys(options, { env, cwd }), ageKeys: ageKeys(options, { env, cwd }) }
    const extraVars = await readExtraVars(options.var ?? [], cwd, keys)
    const inventory = await loadInventory(named, {
      extraVars,
      cwd,
      ...keys,
      importModule: loadModule,
      ...(playbook === undefined ? {} : { playbookFolder: dirname(playbook) }),
      ...scriptTimeout(env['TSPLAY_INVENTORY_TIMEOUT']),
    })
    const targets = new Map(sandbox?.hosts.map(({ name, target }) => [name, target]))
    return {
      // The same object: inventory/ knows the texts that it was read from by it.
      inventory: Object.assign(inventory, { source: sources.join(', ') }),
      ownTarget: (host) => targets.get(host),
      ...(sandbox?.notice === undefined ? {} : { notice: sandbox.notice }),
      async [Symbol.asyncDispose]() {
        await sandbox?.close()
      },
    }
  } catch (error) {
    await sandbox?.close()
    throw error
  }
}

function scriptTimeout(seconds: string | undefined): { readonly scriptTimeoutMs?: number } {
  if (seconds === undefined || seconds === '') return {}
  if (Number(seconds) > 0 && Number(seconds) <= 86_400) return { scriptTimeoutMs: Number(seconds) * 1000 }
  throw new TsplayError('USAGE', `TSPLAY_INVENTORY_TIMEOUT is "${seconds}": it must be a number of seconds above 0`)
}

const hostList = (sandbox: Sandbox | undefined) => sandbox?.hosts.map(({ name }) => name).join(',') ?? ''

/** Its hosts keep their files between runs from one folder, so that a second run shows what is unchanged. */
async function openSandbox(count: string, cwd: string): Promise<Sandbox> {
  if (!/^[1-9]\d{0,2}$/.test(count)) {
    throw new TsplayError('USAGE', `sandbox:${count}: say how many hosts`, { hint: 'For three hosts: -i sandbox:3' })
  }
  // Loaded here, since most runs need none.
  const { startSandbox } = await import('../transport/sandbox/sandbox.ts')
  const { keptFolder } = await import('../transport/sandbox/kept-folder.ts')
  return startSandbox(Number(count), { folder: keptFolder(cwd) })
}

function defaultSources(named: string | undefined, cwd: string, playbook: string | undefined): readonly string[] {
  if (named !== undefined && named !== '') return [named]
  const folders = [...(playbook === undefined ? [] : [dirname(resolve(cwd, playbook))]), cwd]
  for (const folder of folders) {
    const found = fileNames.map((name) => join(folder, name)).find((file) => existsSync(file))
    if (found !== undefined) return [relative(cwd, found)]
  }
  throw new TsplayError(
    'USAGE',
    `there is no inventory: neither -i, nor TSPLAY_INVENTORY, nor a file ${fileNames.join(', ')}`,
    {
      hint: 'Name one (-i hosts.yaml), or try it on hosts that are made for it: -i sandbox:3',
    },
  )
}
