import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The files that a shell pattern names, sorted, as glob(7): `*`, `?` and `[…]`; names with a leading dot must be asked for. */
export async function glob(pattern: string): Promise<string[]> {
  let found = ['/']
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    const next = await Promise.all(found.map((folder) => expand(folder, segment)))
    found = next.flat()
  }
  return found
}

async function expand(folder: string, segment: string): Promise<string[]> {
  if (!/[*?[]/.test(segment)) {
    const path = join(folder, segment.replaceAll(/\\(.)/g, '$1'))
    return (await stat(path).catch(() => undefined)) === undefined ? [] : [path]
  }
  const expression = new RegExp(`^${toExpression(segment)}$`, 's')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => expression.test(name) && (!name.startsWith('.') || segment.startsWith('.')))
    .toSorted()
    .map((name) => join(folder, name))
}

const toExpression = (segment: string) =>
  segment.replaceAll(
    /\\(.)|\[([!^]?)(\]?[^\]]*)\]|([*?])|(.)/gs,
    (_, escaped?: string, negated?: string, set?: string, wild?: string, plain?: string) => {
      if (set !== undefined) return `[${negated ? '^' : ''}${set.replaceAll(/[\\\]^[]/g, String.raw`\$&`)}]`
      if (wild !== undefined) return wild === '*' ? '.*' : '.'
      return (escaped ?? plain ?? '').replace(/[.*+?^${}()|[\]\\/-]/, String.raw`\$&`)
    },
  )
