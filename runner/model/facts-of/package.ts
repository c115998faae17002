import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { typed } from '../typed-question.ts'
import { certain } from '../unknown.ts'
import { askingDnf } from './package-of-dnf.ts'
import { apkCandidate, apkScript } from './package-of-apk.ts'
import { isLockOf, lockScript } from './package-lock.ts'
import { unclear } from './unclear.ts'

/** A package, in the words of no one package manager. */
export interface PackageState {
  /** Of the installed package; `undefined` where it is not installed, or only in part. */
  readonly version: string | undefined
  /** Whether it is kept at its version. */
  readonly held: boolean
  /** Whether it was removed, and has left configuration files. */
  readonly remains: boolean
  /** Of apk: whether /etc/apk/world names it. What it does not name goes with the last package that needs it. */
  readonly named?: boolean
  /** The version that would be installed; only where it was asked for, `undefined` where the lists know none. */
  readonly candidate?: { readonly version: string | undefined }
}

/** A name that no package manager takes for an option or a pattern. Throws `TsplayError('OPTIONS')`. */
export function packageName(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9-]+)?$/.test(certain(name))) return name
  throw new TsplayError('OPTIONS', `${JSON.stringify(name)} can not be the name of a package`)
}

/** The fact's id of a package. */
export const packageFact = (name: string): string => `package:${packageName(name)}`

export interface PackageProbeOptions {
  /**
   * Whether the version that would be installed is wanted; costs half a second more with apt, a second with dnf, since
   * their caches are not written. @default false
   */
  readonly candidate?: boolean
}

/** Asks for one package of dpkg, rpm or apk: one process on Debian or Alpine, six where rpm is; elsewhere nothing is known of packages. */
export const packageProbe = typed(
  'package',
  (name: string, { candidate = false }: PackageProbeOptions = {}): Probe<PackageState> => ({
    fact: packageFact(name),
    ...(candidate ? {} : { library, together: { call: 'package_facts', subject: `'${packageName(name)}'` } }),
    script: `{
if [ -s /var/lib/dpkg/status ]&&command -v dpkg-query >/dev/null;then
dpkg-query -W -f='package \${db:Status-Want} \${db:Status-Status} \${Version}\\n' '${packageName(name)}'
${candidate ? aptCandidate(name) : ''}elif [ -e /lib/apk/db/installed ]&&command -v apk >/dev/null;then
${apkScript(name)}
${candidate ? apkCandidate(name) : ''}elif command -v rpm >/dev/null;then
LC_ALL=C rpm -q --qf 'package install installed %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n' '${name}'
${lockScript(name)}
${candidate ? `${dnfCandidate(name)}\n` : ''}fi
} 2>/dev/null
echo end`,
    parse: (raw) => parsePackage(name, raw, candidate),
    absent: ({ version, remains }) => version === undefined && !remains,
    answeredBy: (predicted) => !candidate || predicted.candidate !== undefined,
  }),
)

/** dpkg-query reads all of its database each time, so that one for many packages costs what one for each does. */
const library = `package_lines() {
n=$#
while [ $n -gt 0 ];do set -- "$@" "$2";shift 2;n=$((n-2));done
exec dpkg-query -W -f='\${Package} \${Architecture} \${db:Status-Want} \${db:Status-Status} \${Version}\\n' "$@"
}
package_facts() {
[ -s /var/lib/dpkg/status ]&&command -v dpkg-query >/dev/null||return 1
a=$(package_lines "$@" 2>/dev/null)
set -f
IFS='
'
while [ $# -gt 0 ];do
mark "$1"
case $2 in *:*)k="\${2%%:*} \${2#*:} ";;*)k="$2 ";;esac
for l in $a;do case $l in "$k"*)l=\${l#* };printf 'package %s\\n' "\${l#* }";;esac;done
echo end
shift 2
done
}`

const aptCandidate = (name: string) =>
  `LC_ALL=C apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy '${name}'|sed -n 's/^ *Candidate: /candidate /p'
`

const dnfCandidate = (name: string) =>
  askingDnf(`u=;if rpm -q '${name}' >/dev/null;then u=--upgrades;fi
ask repoquery $u --latest-limit=1 --qf 'candidate %{evr}\n' '${name}'`)

function parsePackage(name: string, raw: string, asked: boolean): PackageState {
  if (!/(?:^|\n)end\n$/.test(raw)) {
    throw unclear(`package ${name}`, raw)
  }
  // A package of several architectures, or of which several may be there, has a line for each.
  const found = [...raw.matchAll(/^package (\S+) (\S+) (\S*)$/gm)].map(([, want, status, version = '']) => ({
    want,
    status,
    version,
  }))
  const installed = found.findLast(({ status }) => status === 'installed')
  const locks = [...raw.matchAll(/^lock (.+)$/gm)].map((match) => match[1] ?? '')
  const held = installed !== undefined && locks.some((lock) => isLockOf(lock, name, installed.version))
  const line = /^world (.*)$/m.exec(raw)?.[1]
  const kept = line !== undefined && /^(?:@[^<>=~]*)?(?:=|><)/.test(line)
  const version = /^candidate (\S+)$/m.exec(raw)?.[1]
  // dnf tells of upgrades alone.
  const newest = version ?? (raw.includes('candidate') ? undefined : installed?.version)
  return {
    version: installed?.version,
    held: held || kept || found.some(({ want }) => want === 'hold'),
    remains: installed === undefined && found.some(({ status }) => status !== 'not-installed'),
    ...(/^world|^other$/m.test(raw) ? { named: line !== undefined } : {}),
    ...(asked ? { candidate: { version: newest === '(none)' ? undefined : newest } } : {}),
  }
}
