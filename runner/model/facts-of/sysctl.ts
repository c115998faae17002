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

/**
 * `sysctl_fact PATH` tells of a parameter, `sysctl_facts LABEL PATH …` of all of them by one grep: a shell's own `read`
 * takes a byte at a time, and many files of /proc/sys have no second one.
 */
const library = `sysctl_fact() { if [ -e "$1" ];then echo value;cat "$1" 2>/dev/null||echo unreadable;fi; }
sysctl_lines() {
n=$#
while [ $n -gt 0 ];do set -- "$@" "$2";shift 2;n=$((n-2));done
LC_ALL=C exec grep -s -a -H '' "$@"
}
sysctl_facts() {
l='
' b=$(sysctl_lines "$@" 2>/dev/null)$l
while [ $# -gt 0 ];do
mark "$1"
case $b in
"$2:"*)
echo value
while case $b in "$2:"*);;*)false;;esac;do x=\${b%%"$l"*} b=\${b#*"$l"};printf '%s\\n' "\${x#"$2:"}";done;;
*)sysctl_fact "$2";;
esac
shift 2
done
}`

/**
 * Asks for a kernel parameter's value now; `undefined` where the kernel has no such one. One process on the host, however
 * many are asked for at once.
 */
export const sysctlProbe = typed('sysctl', (key: string): Probe<string | undefined> => {
  const path = quote(sysctlPath(key))
  return {
    fact: sysctlFact(key),
    library,
    // A name with a colon could be taken for another one's line.
    together: path.includes(':') ? undefined : { call: 'sysctl_facts', subject: path },
    contained: true,
    script: `sysctl_fact ${path}`,
    parse: (raw) => (raw.startsWith('value\n') ? sysctlValue(raw.slice('value\n'.length)) : undefined),
    absent: (answer) => answer === undefined,
  }
})
