/**
 * A value as it may be printed as JSON: what is no plain data, such as a Secret, becomes `<secret>`, and numbers that
 * JSON does not have become text.
 */
export function shownValue(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '<function>' : value
  if (Array.isArray(value)) return value.map(shownValue)
  if (value instanceof Date) return value.toISOString()
  const prototype: unknown = Object.getPrototypeOf(value)
  // A module that was loaded apart has an Object.prototype of its own.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return '<secret>'
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item)]))
}

/** The same with the keys of every mapping in alphabetical order. */
export function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortedValue(item)]))
}
