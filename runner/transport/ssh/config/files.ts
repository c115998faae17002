import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'

/** Everything that ssh would read for its configuration, as far as it can be seen from here. */
export interface ConfigFiles {
  /** Path, size and time of each file: equal texts mean an unchanged configuration. */
  readonly fingerprint: string
  /** Whether any file says anything. */
  readonly empty: boolean
  /** Whether all hosts get the same answer: only `Host *`, no Match, nothing made from the host's name. */
  readonly uniform: boolean
  /** Whether an answer may be kept for later runs. Not where programs or networks are asked, or a file can't be followed. */
  readonly lasting: boolean
}

interface Seen {
  readonly stamps: string[]
  empty: boolean
  uniform: boolean
  lasting: boolean
}

/** OpenSSH's own limit for Include within Include. */
const deepest = 16

/** Looks at the user's and the system's files. Relative includes are relative to `~/.ssh` or `/etc/ssh`. */
export async function configFiles(userFile: string, systemFile: string | undefined): Promise<ConfigFiles> {
  const seen: Seen = { stamps: [], empty: true, uniform: true, lasting: true }
  await visit(userFile, dirname(userFile), seen, 0)
  if (systemFile !== undefined) await visit(systemFile, dirname(systemFile), seen, 0)
  return { fingerprint: seen.stamps.join('\n'), empty: seen.empty, uniform: seen.uniform, lasting: seen.lasting }
}

async function visit(file: string, home: string, seen: Seen, depth: number): Promise<void> {
  const [info, text] = await Promise.all([stat(file), readFile(file, 'utf8')]).catch(() => [])
  if (info === undefined || text === undefined) {
    seen.stamps.push(`${file} -`)
    return
  }
  seen.stamps.push(`${file} ${info.size} ${info.mtimeMs} ${info.ino}`)
  for (const line of text.split('\n')) {
    const [, keyword = '', value = ''] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    if (keyword === '') continue
    judge(keyword.toLowerCase(), value, seen)
    if (keyword.toLowerCase() === 'include' && depth < deepest) {
      for (const path of await included(value, home, seen)) await visit(path, home, seen, depth + 1)
    }
  }
}

function judge(keyword: string, value: string, seen: Seen): void {
  if (keyword === 'host') {
    if (value !== '*') seen.uniform = false
    return
  }
  if (keyword === 'include') return
  seen.empty = false
  if (keyword === 'match') {
    seen.uniform = false
    if (/exec|localnetwork|canonical|final/i.test(value)) seen.lasting = false
  }
  if (keyword.startsWith('canonical')) seen.lasting = seen.uniform = false
  if (keyword === 'hostname' || value.includes('%')) seen.uniform = false
}

async function included(value: string, home: string, seen: Seen): Promise<string[]> {
  const paths: string[] = []
  for (const [, quoted, plain] of value.matchAll(/"([^"]*)"|(\S+)/g)) {
    const raw = (quoted ?? plain ?? '').replace(/^~\//, `${dirname(home)}/`)
    const path = isAbsolute(raw) ? raw : resolve(home, raw)
    const folder = dirname(path)
    if (/[%$~[{]/.test(raw) || /[*?]/.test(folder)) {
      // Followed by ssh, not by us: whatever is in there may tell hosts apart, and may change unseen.
      seen.uniform = seen.lasting = seen.empty = false
      continue
    }
    if (!/[*?]/.test(path)) {
      paths.push(path)
      continue
    }
    const pattern = new RegExp(
      `^${basename(path)
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    )
    const names = await readdir(folder).catch(() => [])
    paths.push(
      ...names
        .filter((name) => !name.startsWith('.') && pattern.test(name))
        .toSorted()
        .map((name) => join(folder, name)),
    )
  }
  return paths
}
