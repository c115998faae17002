import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TsplayError } from '../runner/model/errors.ts'

/** Names that Ansible leaves out when a folder is the inventory. */
const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/

/**
 * What a folder of inventories holds, in the order in which it applies: alphabetical, without hidden files, `group_vars`,
 * `host_vars`, and the suffixes that Ansible ignores (`.ini` and `.cfg` are among them). Throws `INVENTORY` where the
 * folder can't be read, and where nothing is left.
 */
export async function folderSources(folder: string, cwd: string): Promise<string[]> {
  let names: string[]
  try {
    names = await readdir(resolve(cwd, folder))
  } catch (cause) {
    throw new TsplayError('INVENTORY', `${folder}: the folder can not be read`, { cause })
  }
  const sources = names.filter((name) => !ignored.test(name)).toSorted()
  if (sources.length > 0) return sources.map((name) => join(folder, name))
  const left = names.filter((name) => /\.(?:ini|cfg|txt)$/.test(name))
  throw new TsplayError('INVENTORY', `${folder}: there is no inventory in this folder`, {
    hint:
      left.length > 0
        ? `Files such as ${left[0]} are left out of a folder, as Ansible does: name the file itself, or rename it.`
        : 'Put a file such as hosts.yaml into it.',
  })
}
