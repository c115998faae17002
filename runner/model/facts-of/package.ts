import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { certain } from '../unknown.ts'

/** A package, in the words of no one package manager. */
export interface PackageState {
  /** Of the installed package; `undefined` where it is not installed, or only in part. */
  readonly version: string | undefined
  /** Whether it is kept at its version. */
  readonly held: boolean
  /** Whether it was removed, and has left configuration files. */
  readonly remains: boolean
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
  /** Whether the version that would be installed is wanted; costs a further process of half a second, since apt's caches are not written. @default false */
  readonly candidate?: boolean
}

/** Asks for one package: one process on a Debian host; on others, nothing is known of packages so far. */
export const packageProbe = (name: string, { candidate = false }: PackageProbeOptions = {}): Probe<PackageState> => ({
  fact: packageFact(name),
  script: `if command -v dpkg-query >/dev/null;then
{ dpkg-query -W -f='package \${db:Status-Want} \${db:Status-Status} \${Version}\\n' '${packageName(name)}'
${candidate ? `LC_ALL=C apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy '${name}'|sed -n 's/^ *Candidate: /candidate /p'\n` : ''}} 2>/dev/null
fi
echo end`,
  parse: (raw) => parsePackage(name, raw, candidate),
  absent: ({ version, remains }) => version === undefined && !remains,
  answeredBy: (predicted) => !candidate || predicted.candidate !== undefined,
})

function parsePackage(name: string, raw: string, asked: boolean): PackageState {
  if (!/(?:^|\n)end\n$/.test(raw)) {
    throw new TsplayError(
      'COMMAND',
      `package ${name}: the host's answer makes no sense: ${JSON.stringify(raw.slice(0, 200))}`,
    )
  }
  // A package of several architectures has a line for each; one that is installed counts.
  const found = [...raw.matchAll(/^package (\S+) (\S+) (\S*)$/gm)].map(([, want, status, version]) => ({
    want,
    status,
    version,
  }))
  const installed = found.find(({ status }) => status === 'installed')
  const version = /^candidate (\S+)$/m.exec(raw)?.[1]
  return {
    version: installed?.version,
    held: found.some(({ want }) => want === 'hold'),
    remains: installed === undefined && found.some(({ status }) => status !== 'not-installed'),
    ...(asked ? { candidate: { version: version === '(none)' ? undefined : version } } : {}),
  }
}

/** What installs packages on a host, and how it is. */
export interface PackageSystem {
  readonly manager: 'apt' | 'dnf' | 'apk' | 'none'
  /** Packages that a cut or a failure left half-way, and `journal` for an interrupted write of the database. Sorted. */
  readonly broken: readonly string[]
  /** How old the lists of what can be had are, in milliseconds; `undefined` where there are none. */
  readonly listsAgeMs: number | undefined
}

/** Asks which package manager a host has, and whether it is in order. Three processes on the host, five with the age. */
export const packageSystemProbe = ({ age = false }: { readonly age?: boolean } = {}): Probe<PackageSystem> => ({
  fact: 'package-system',
  script: `{
if command -v apt-get >/dev/null&&command -v dpkg-query >/dev/null;then echo manager apt
dpkg-query -W -f='\${db:Status-Abbrev}\${Package}\\n'|sed -n '/^.[inc] /!s/^...\\(.*\\)/broken \\1/p'
for f in /var/lib/dpkg/updates/[0-9]*;do if [ -e "$f" ];then echo broken journal;break;fi;done
${age ? ageScript : ''}elif command -v dnf >/dev/null;then echo manager dnf
elif command -v apk >/dev/null;then echo manager apk
else echo manager none;fi
} 2>/dev/null`,
  parse(raw) {
    const manager = /^manager (apt|dnf|apk|none)$/m.exec(raw)?.[1] as PackageSystem['manager'] | undefined
    if (manager === undefined) {
      throw new TsplayError(
        'COMMAND',
        `the host's answer about its packages makes no sense: ${JSON.stringify(raw.slice(0, 200))}`,
      )
    }
    const seconds = /^age (\d+)$/m.exec(raw)?.[1]
    return {
      manager,
      broken: [...new Set([...raw.matchAll(/^broken (.+)$/gm)].map((match) => match[1] ?? ''))].toSorted(),
      listsAgeMs: seconds === undefined ? undefined : Number(seconds) * 1000,
    }
  },
  answeredBy: () => true,
})

/** The folder changes at each update; where everything was as before, the step that updates touches it. */
const ageScript = `t=$(stat -c %Y /var/lib/apt/lists) n=$(date +%s)
if [ "$t" ]&&[ "$(ls /var/lib/apt/lists|wc -l)" -gt 2 ];then echo "age $((n>t?n-t:0))";fi
`
