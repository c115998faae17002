/** More properties than this are taken for data, not for a shape. */
const mostProperties = 60
const mostLevels = 12

/** The TypeScript type of all of the values, as text: `string`, `number | null`, `{ readonly port: number }`. */
export function valueType(values: readonly unknown[], level = 0): string {
  if (level > mostLevels) return 'unknown'
  const lists: unknown[][] = []
  const maps: object[] = []
  const found = new Set<string>()
  for (const value of values) {
    if (Array.isArray(value)) lists.push(value)
    else if (value === null) found.add('null')
    else if (typeof value === 'object' && isPlain(value)) maps.push(value)
    else found.add(scalarType(value))
  }
  if (lists.length > 0) found.add(listType(lists.flat(), level))
  if (maps.length > 0) found.add(mapType(maps, level))
  return found.size === 0 ? 'never' : [...found].toSorted(byRank).join(' | ')
}

const byRank = (a: string, b: string) => Number(a === 'null') - Number(b === 'null') || (a < b ? -1 : 1)

function scalarType(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return typeof value
  return typeof value === 'object' ? 'Secret<string>' : 'unknown'
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function listType(items: readonly unknown[], level: number): string {
  if (items.length === 0) return 'readonly unknown[]'
  const type = valueType(items, level + 1)
  return `readonly ${/[ |]/.test(type) ? `(${type})` : type}[]`
}

function mapType(maps: readonly object[], level: number): string {
  const properties = propertiesOf(maps)
  if (properties.length > mostProperties) {
    const type = valueType(
      maps.flatMap((map) => Object.values(map) as unknown[]),
      level + 1,
    )
    return `Readonly<Record<string, ${type}>>`
  }
  if (properties.length === 0) return 'Readonly<Record<string, never>>'
  const shown = properties.map(({ name, values }) => propertyLine(name, values, maps.length, level + 1))
  return `{ ${shown.join('; ')} }`
}

/** Every name that one of the mappings has, in alphabetical order, with its values. */
export function propertiesOf(maps: readonly object[]): { readonly name: string; readonly values: unknown[] }[] {
  const found = new Map<string, unknown[]>()
  for (const map of maps) {
    for (const [name, value] of Object.entries(map) as [string, unknown][]) {
      const known = found.get(name)
      if (known) known.push(value)
      else found.set(name, [value])
    }
  }
  return [...found].map(([name, values]) => ({ name, values })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** `readonly name?: type`: optional where not each of `count` mappings has it. */
export function propertyLine(name: string, values: readonly unknown[], count: number, level = 0): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
  return `readonly ${key}${values.length < count ? '?' : ''}: ${valueType(values, level)}`
}
