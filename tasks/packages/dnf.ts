import { quote } from '../../runner/model/quote.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { lockWait, onlyRoot } from './lock-wait.ts'
import type { PackageManager, PackageWork, WantedPackage } from './manager.ts'
import { versionMatches } from './package-spec.ts'

const words = (names: readonly string[]) => names.map(quote).join(' ')

/** dnf 4 and 5 of Fedora, RHEL and their kin. Nothing asks, and changed configuration files are kept (as rpm does). */
export const dnf: PackageManager = {
  step: (work) => finishing(script(work), work),
  upgrade(work) {
    const lines = [`dnf -y${work.mayRemove ? '' : ' --setopt=obsoletes=False'} upgrade || exit 1`]
    if (work.update) lines.unshift('update || exit 1')
    if (work.autoremove) lines.push('dnf -y autoremove || exit 1')
    return finishing([...begin(work), ...lines].join('\n'), work)
  },
  // As dnf has it, the release and an epoch of 0 may be left out.
  matches: (wanted, version) =>
    [version, `0:${version}`, version.replace(/-[^-]*$/, '')].some((form) => versionMatches(wanted, form)),
  exact: (wanted) => (wanted.includes('*') || !wanted.includes('-') ? undefined : wanted.replace(/^0:/, '')),
}

const finishing = (text: string, { timeoutMs }: Pick<PackageWork, 'timeoutMs'>): ScriptStep => ({
  script: text,
  timeoutMs,
  onDisconnect: 'finish',
  hint: 'Running again repairs what was left half-way; what dnf did is in its log on the host: dnf history.',
})

const locks = {
  files: ['/var/lib/rpm/.rpm.lock', '/usr/lib/sysimage/rpm/.rpm.lock', '/run/dnf/rpmtransaction.lock'],
  pidFiles: ['/var/lib/dnf/rpmdb_lock.pid', '/var/cache/dnf/metadata_lock.pid', '/var/cache/dnf/download_lock.pid'],
}

/** Waits until nobody else is at it, and repairs. */
const begin = (work: Pick<PackageWork, 'lockTimeoutMs' | 'repair'>): string[] => [
  prelude,
  onlyRoot,
  lockWait(locks, work.lockTimeoutMs),
  'lock_free',
  ...(work.repair ? [repair] : []),
]

function script(work: PackageWork): string {
  const lines = begin(work)
  if (work.unhold.length > 0) lines.push(`unlock ${words(work.unhold)} || exit 1`)
  if (work.update) lines.push('update || exit 1')
  if (work.install.length > 0) lines.push(...install(work))
  if (work.remove.length > 0) {
    const orphans = `--setopt=clean_requirements_on_remove=${work.autoremove ? 'True' : 'False'}`
    lines.push(`dnf -y ${orphans} --disableplugin=versionlock remove ${words(work.remove)} || exit 1`)
  }
  if (work.hold.length > 0) lines.push(`relock ${words(work.hold)} || exit 1`)
  return lines.join('\n')
}

const prelude = `PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
export PATH LC_ALL=C
umask 022
update() {
n=0
until dnf -q -y makecache --refresh;do
n=$((n+1))
if [ $n -ge 3 ];then return 1;fi
sleep 3;lock_free
done
touch /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml 2>/dev/null
return 0
}
unlock() {
kept=$(dnf -q --disablerepo='*' versionlock list)||return 1
for p;do case $kept in *"$p"*)dnf -q --disablerepo='*' versionlock delete "$p"||return 1;;esac;done
}
relock() {
unlock "$@"&&dnf -q --disablerepo='*' versionlock add "$@"
}`

/** What the cut transaction would have done next: taking away the version that was there before. */
const repair = `echo 'repairing packages left half-way'
for p in $(rpm -qa --qf '%{NAME}.%{ARCH}\\n'|grep -v '^gpg-pubkey\\|^kernel'|sort|uniq -d);do
rpm -q --provides "$p"|grep -q '^installonlypkg(\\|^multiversion('&&continue
for old in $(rpm -q --qf '%{DBINSTANCE} %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n' "$p"|sort -n|sed '$d;s/^[0-9]* //');do
rpm -e --nodeps "$old"||exit 1
done
done`

const specOf = ({ name, version, file }: WantedPackage) => file ?? (version === undefined ? name : `${name}-${version}`)

function install({ install: wanted, recommends, changeHeld, allowDowngrade, hold }: PackageWork): string[] {
  const specs = words(wanted.map(specOf))
  const names = wanted.map(({ name }) => name)
  const flags = [
    '-y',
    '--setopt=best=True',
    ...(recommends === undefined ? [] : [`--setopt=install_weak_deps=${recommends ? 'True' : 'False'}`]),
    ...(changeHeld ? ['--disableplugin=versionlock'] : []),
  ].join(' ')
  const versions = wanted.some(({ version, file }) => version !== undefined || file !== undefined)
  // Asking for an older version is all that dnf wants for a downgrade.
  const guard = `case $(dnf ${flags.replace('-y', '--assumeno')} install ${specs} 2>&1) in *Downgrading:*)
echo 'an older version than the installed one is asked for: allowDowngrade: true lets it in' >&2;exit 1;;esac`
  return [
    ...(versions && !allowDowngrade ? [guard] : []),
    `dnf ${flags} install ${specs} || exit 1`,
    `for p in ${words(names)};do rpm -q "$p" >/dev/null||{
w=$(rpm -q --whatprovides --qf '%{NAME} ' "$p" 2>/dev/null)&&echo "$p is no package, but what a package provides: name $w" >&2
exit 1;};done`,
    // A lock of the version before would stay.
    ...(changeHeld && hold.length === 0
      ? [
          `for p in ${words(names)};do if dnf -q --disablerepo='*' versionlock list 2>/dev/null|grep -q -F -e "$p-";then relock "$p"||exit 1;fi;done`,
        ]
      : []),
  ]
}
