/**
 * A text that is equal for two values exactly when both are the same plain data (key order aside from nothing);
 * `undefined` for what holds anything that JSON does not keep: functions, dates, secrets, NaN.
 */
export function plainKey(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, function check(this: unknown, key: string, item: unknown) {
      const raw: unknown = Object.getOwnPropertyDescriptor(this, key)?.value ?? item
      if (raw === null || typeof raw === 'string' || typeof raw === 'boolean') return item
      if (typeof raw === 'number' && Number.isFinite(raw) && !Object.is(raw, -0)) return item
      if (typeof raw === 'object' && (Array.isArray(raw) || Object.getPrototypeOf(raw) === Object.prototype))
        return item
      throw new TypeError('not plain')
    })
  } catch {
    return undefined
  }
}
