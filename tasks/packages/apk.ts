import { quote } from '../../runner/model/quote.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { apkLibrary } from './apk-library.ts'
import { lockWait, onlyRoot } from './lock-wait.ts'
import type { PackageManager, PackageWork, WantedPackage } from './manager.ts'
import { versionMatches } from './package-spec.ts'

const words = (names: readonly string[]) => names.map(quote).join(' ')

/**
 * apk of Alpine and its kin. What is asked of it are lines of /etc/apk/world (apk-world(5)): a package is held there by
 * `NAME=VERSION`, and what no line needs goes by itself. Nothing asks, and changed configuration files are kept.
 */
export const apk: PackageManager = {
  step: (work) => finishing(script(work), work),
  // What nothing needs any more goes by itself, and nothing else is ever removed for an upgrade.
  upgrade: (work) =>
    finishing([...begin(work), ...(work.update ? ['update || exit 1'] : []), 'apk upgrade || exit 1'].join('\n'), work),
  matches: versionMatches,
  exact: (wanted) => (wanted.includes('*') ? undefined : wanted),
  holdsVersions: true,
}

const finishing = (text: string, { timeoutMs }: Pick<PackageWork, 'timeoutMs'>): ScriptStep => ({
  script: text,
  timeoutMs,
  onDisconnect: 'finish',
  hint: 'Running again repairs what was left half-way; what the host wants to have is in its /etc/apk/world.',
})

/** Waits until nobody else is at it, and repairs. */
const begin = (work: Pick<PackageWork, 'lockTimeoutMs' | 'repair'> & { allowUntrusted?: boolean }): string[] => [
  apkLibrary(`--wait ${Math.ceil(work.lockTimeoutMs / 1000)}${work.allowUntrusted ? ' --allow-untrusted' : ''}`),
  onlyRoot,
  lockWait({ files: ['/lib/apk/db/lock'] }, work.lockTimeoutMs),
  'lock_free',
  ...(work.repair ? ["echo 'repairing packages left half-way'", 'apk fix || exit 1'] : []),
]

function script(work: PackageWork): string {
  const lines = begin(work)
  if (work.update) lines.push('update || exit 1')
  if (work.install.length > 0) lines.push(...install(work))
  // What is installed stays at its version when its line changes.
  const named = [...work.unhold, ...work.name.filter((name) => !work.hold.includes(name))]
  if (named.length > 0) lines.push(`release ${words(named)} || exit 1`)
  if (work.hold.length > 0 && work.remove.length === 0) lines.push(`hold ${words(work.hold)} || exit 1`)
  if (work.remove.length > 0) lines.push(`remove ${work.purge ? '--purge ' : ''}-- ${words(work.remove)} || exit 1`)
  return lines.join('\n')
}

function install({ install: wanted, hold, changeHeld, allowDowngrade }: PackageWork): string[] {
  const listed = wanted.filter(({ file }) => file === undefined)
  const names = wanted.map(({ name }) => name)
  const left = names.filter((name) => !hold.includes(name))
  const chosen = ({ name, version }: WantedPackage) => `choose ${quote(name)} ${quote(version ?? '')}`
  const files = wanted.flatMap(({ name, version, file }) =>
    file === undefined ? [] : [`v=${quote(version ?? '')};older ${quote(name)};set -- ${quote(file)} "$@"`],
  )
  return [
    `down=${allowDowngrade ? 'y' : ''} free=${changeHeld ? 'y' : ''} were=$(held ${words(left)})`,
    ...(listed.length > 0 ? [`known ${words(listed.map(specOf))}`] : []),
    ['add() {', 'newer=', ...files, ...listed.map((one) => `${chosen(one)};set -- "$@" "$c"`)].join('\n'),
    'apk add $newer -- "$@"',
    '}',
    'add || exit 1',
    `itself ${words(names)} || exit 1`,
    // A version that was asked for stands in the world now, whether or not it is to be kept.
    ...(left.length > 0
      ? [
          `for p in ${words(left)};do case " $were " in *" $p "*)hold "$p";;*)if [ "$(held "$p")" ];then release "$p";fi;;esac||exit 1;done`,
        ]
      : []),
  ]
}

const specOf = ({ name, version }: WantedPackage) => (version === undefined ? name : `${name}=${version}`)
