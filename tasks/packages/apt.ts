import { quote } from '../../runner/model/quote.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { lockWait, onlyRoot } from './lock-wait.ts'
import type { PackageManager, PackageWork, WantedPackage } from './manager.ts'
import { versionMatches } from './package-spec.ts'

const words = (names: readonly string[]) => names.map(quote).join(' ')

/** apt of Debian, Ubuntu and their kin. Nothing asks, changed configuration files are kept, and daemons start as the host's policy has it. */
export const apt: PackageManager = {
  step: (work) => finishing(script(work), work),
  upgrade(work) {
    const verb = work.mayRemove ? 'dist-upgrade' : '--with-new-pkgs upgrade'
    const lines = [`apt ${work.autoremove ? '--auto-remove ' : ''}${verb} || exit 1`]
    if (work.update) lines.unshift('update || exit 1')
    return finishing([...begin(work), ...lines].join('\n'), work)
  },
  matches: versionMatches,
  exact: (wanted) => (wanted.includes('*') ? undefined : wanted),
}

const finishing = (text: string, { timeoutMs }: Pick<PackageWork, 'timeoutMs'>): ScriptStep => ({
  script: text,
  timeoutMs,
  onDisconnect: 'finish',
  hint: 'Running again repairs what was left half-way; what dpkg said is in /var/log/apt/term.log on the host.',
})

const locks = {
  files: [
    '/var/lib/dpkg/lock-frontend',
    '/var/lib/dpkg/lock',
    '/var/lib/apt/lists/lock',
    '/var/cache/apt/archives/lock',
  ],
}

/** Waits until nobody else is at it, and repairs. */
function begin(work: Pick<PackageWork, 'lockTimeoutMs' | 'repair'>): string[] {
  const lines = [prelude(work), onlyRoot, lockWait(locks, work.lockTimeoutMs), 'lock_free']
  // A write of the database that was cut stops apt-get before it does anything.
  lines.push(`for f in /var/lib/dpkg/updates/[0-9]*;do if [ -e "$f" ];then broken=y;fi;done`)
  lines.push(`if [ ${work.repair ? 'y' : '"$broken"'} ];then
echo 'repairing packages left half-way'
dpkg --force-confdef --force-confold --configure -a || apt -f install || exit 1
apt -f install || exit 1
fi`)
  return lines
}

function script(work: PackageWork): string {
  const lines = begin(work)
  if (work.unhold.length > 0) lines.push(select(work.unhold, 'install'))
  if (work.update) lines.push('update || exit 1')
  if (work.install.length > 0) lines.push(install(work))
  if (work.remove.length > 0) {
    const verb = `${work.autoremove ? '--auto-remove ' : ''}${work.purge ? 'purge' : 'remove'}`
    lines.push(`apt --allow-change-held-packages ${verb} ${words(work.remove)} || exit 1`)
  }
  if (work.hold.length > 0) lines.push(select(work.hold, 'hold'))
  return lines.join('\n')
}

/**
 * Not by apt-mark, which may go by what apt remembers of a moment ago: its cache is told from a newer one by the second
 * in which dpkg's status was written, and by its size.
 */
const select = (names: readonly string[], selection: 'hold' | 'install') =>
  `printf '%s ${selection}\\n' ${words(names)}|dpkg --set-selections || exit 1`

/** Dpkg::Use-Pty: without it apt hides dpkg's errors behind a progress bar. dpkg wants the whole path. */
const prelude = ({ lockTimeoutMs }: Pick<PackageWork, 'lockTimeoutMs'>) => `PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
export PATH DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical NEEDRESTART_MODE=a UCF_FORCE_CONFFOLD=1 APT_LISTCHANGES_FRONTEND=none LC_ALL=C
umask 022
broken=
apt() {
apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=${Math.ceil(lockTimeoutMs / 1000)} \
-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
update() {
n=0
until apt-get -q -o Acquire::Retries=3 update;do
n=$((n+1))
if [ $n -ge 3 ];then return 1;fi
sleep 3;lock_free
done
touch /var/lib/apt/lists
}
unknown() {
u=
for p in "$@";do
if [ -z "$(apt-cache show --no-all-versions "$p" 2>/dev/null|head -n 1)" ];then u="$u $p";fi
done
[ "$u" ]
}`

const specOf = ({ name, version, file }: WantedPackage) => file ?? (version === undefined ? name : `${name}=${version}`)

function install(work: PackageWork): string {
  const specs = words(work.install.map(specOf))
  const flags = [
    ...(work.recommends === undefined ? [] : [work.recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(work.allowDowngrade ? ['--allow-downgrades'] : []),
    ...(work.changeHeld ? ['--allow-change-held-packages'] : []),
  ].join(' ')
  const listed = words(work.install.filter(({ file }) => file === undefined).map(specOf))
  if (listed === '') return `apt ${flags} install ${specs} || exit 1`
  const update = work.update
    ? ''
    : `if unknown ${listed};then echo "the lists of packages do not know:$u";update;fi
`
  return `${update}if unknown ${listed};then
echo "this host's package sources know of no:$u" >&2
for p in $u;do n=\${p%%=*};case $p in *=*)v=$(apt-cache madison "$n"|cut -d'|' -f2|tr -d ' '|sort -u|head -n 8|tr '\\n' ' ');echo "versions of $n: \${v:-none}" >&2;;esac;done
echo "no such package:$u (is it misspelt, or is its repository missing?)" >&2
exit 100
fi
apt ${flags} install ${specs} || exit 1`
}
