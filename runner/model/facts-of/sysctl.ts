import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { typed } from '../typed-question.ts'
import { certain } from '../unknown.ts'

/** The fact's id of a kernel parameter. */
export const sysctlFact = (key: string): string => `sysctl:${key}`

/**
 * Where a parameter is below /proc/sys. As sysctl(8) has it: where the first separator is a slash, dots are part of
 * names (`net/ipv4/conf/eth0.100/forwarding`); else they separate, and slashes stand for dots in names. Throws
 * `TsplayError('OPTIONS')`.
 */
export function sysctlPath(key: string): string {
  const swap = certain(key).search(/[./]/) < 0 || /^[^/]*\./.test(key)
  const path = swap ? key.replaceAll(/[./]/g, (char) => (char === '.' ? '/' : '.')) : key
  if (
    !/^[A-Za-z0-9_][A-Za-z0-9_.:@*/-]*$/.test(path) ||
    path.split('/').some((part) => /^\.*$/.test(part)) ||
    path.includes('*')
  ) {
    throw new TsplayError('OPTIONS', `${JSON.stringify(key)} can not be the name of a kernel parameter`)
  }
  return `/proc/sys/${path}`
}

/** A value as it compares: the kernel puts tabs between numbers. */
export const sysctlValue = (value: string | number): string => String(value).trim().replaceAll(/\s+/g, ' ')

/** Asks for a kernel parameter's value now; `undefined` where the kernel has no such one. One process on the host. */
export const sysctlProbe = typed('sysctl', (key: string): Probe<string | undefined> => {
  const path = quote(sysctlPath(key))
  return {
    fact: sysctlFact(key),
    script: `if [ -e ${path} ];then echo value;cat ${path} 2>/dev/null||echo unreadable;fi`,
    parse: (raw) => (raw.startsWith('value\n') ? sysctlValue(raw.slice('value\n'.length)) : undefined),
    absent: (answer) => answer === undefined,
  }
})
