import { TsplayError } from '../model/errors.ts'
import { isPlaybook, type PlaybookDefinition } from '../model/playbook.ts'
import { loadModule } from './load-module.ts'

/** Loads a playbook: the default export of a module. Throws TsplayError PLAYBOOK, also when that is something else. */
export async function loadPlaybook(file: string): Promise<PlaybookDefinition> {
  const loaded = await loadModule(file)
  const found = loaded['default']
  if (isPlaybook(found)) return found
  if (found === undefined) {
    const named = Object.entries(loaded).find(([, value]) => isPlaybook(value))?.[0]
    throw new TsplayError('PLAYBOOK', `${file} has no default export`, {
      at: `${file}:1:1`,
      hint: `End it with: export default ${named ?? "playbook('name')"}`,
    })
  }
  throw new TsplayError('PLAYBOOK', `the default export of ${file} is no playbook, but ${kindOf(found)}`, {
    at: `${file}:1:1`,
    hint: 'Export what playbook() returned. A script for connect() is started by: tsplay script FILE',
  })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Promise) return 'a promise'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
