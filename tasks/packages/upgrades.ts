import { TsplayError } from '../../runner/model/errors.ts'
import { listsAsTheyAre } from '../../runner/model/facts-of/package-of-apk.ts'
import { askingDnf } from '../../runner/model/facts-of/package-of-dnf.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { typed } from '../../runner/model/typed-question.ts'

/** What an upgrade would do to a package. */
export interface Upgrade {
  readonly name: string
  /** `undefined`: it is new. */
  readonly from: string | undefined
  /** `undefined`: it goes. */
  readonly to: string | undefined
}

export interface Upgrades {
  readonly found: readonly Upgrade[]
  /** Why the package manager could not tell. */
  readonly failed?: string
}

/**
 * Asks what an upgrade of all packages would do, by a simulation, as far as the host's lists know. It takes a second or
 * two, since the package manager's caches are not written.
 */
export const upgradesProbe = typed(
  'package-upgrades',
  (mode: 'full' | 'safe', autoremove: boolean): Probe<Upgrades> => ({
    fact: 'package-upgrades',
    touches: ['package-system'],
    script: `if [ -s /var/lib/dpkg/status ]&&command -v apt-get >/dev/null;then
${aptUpgrades(mode, autoremove)}
elif [ -e /lib/apk/db/installed ]&&command -v apk >/dev/null;then
${apkUpgrades}
elif command -v rpm >/dev/null&&command -v dnf >/dev/null;then
${dnfUpgrades(mode, autoremove)}
fi
echo end`,
    parse: parseUpgrades,
  }),
)

const aptUpgrades = (mode: 'full' | 'safe', autoremove: boolean) =>
  `o=$(LC_ALL=C apt-get -s -q -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= ${autoremove ? '--auto-remove ' : ''}${mode === 'full' ? 'dist-upgrade' : '--with-new-pkgs upgrade'} 2>&1)||printf '%s\\n' "$o"|sed -n 's/^E: /failed /p'|head -n 1
printf '%s\\n' "$o"|sed -n 's/^Inst \\([^ ]*\\) \\[\\([^]]*\\)\\] (\\([^ ]*\\) .*/is \\1 \\2 \\3/p;s/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*/is \\1 - \\2/p;s/^\\(Remv\\|Purg\\) \\([^ ]*\\) \\[\\([^]]*\\)\\].*/is \\2 \\3 -/p'`

/**
 * dnf gets a copy of its history, to which it writes, and which knows what came only because of others. Of dnf's questions
 * `check-update` alone goes by versionlock. It prints `NAME.ARCH EVR REPOSITORY`, with line ends between them where a name
 * is long.
 */
const dnfUpgrades = (mode: 'full' | 'safe', autoremove: boolean) => {
  const also = mode === 'full' ? '' : ' --setopt=obsoletes=False'
  return `{
${askingDnf(`mkdir "$d/lib"
${autoremove ? 'cp -p /var/lib/dnf/history.sqlite* "$d/lib"' : ''}
ask --setopt=persistdir="$d/lib"${also} check-update|awk '/^Obsoleting /{exit} {for (i=1;i<=NF;i++) {w[n++]=$i;if (n==3) {if (w[0]~/\\./&&w[1]~/-/) print w[0],w[1];n=0}}}'|while read -r p v;do
printf 'is %s %s %s\\n' "\${p%.*}" "$(rpm -q --qf '%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n' "$p"|tail -n 1)" "$v";done
${autoremove ? `ask --setopt=persistdir="$d/lib"${also} repoquery --unneeded --qf 'is %{name} %{evr} -\\n'` : ''}`)}
} 2>/dev/null`
}

/** apk prints `(1/2) Upgrading NAME[@TAG] (FROM -> TO)`, and keeps no other ways than one to upgrade. */
const apkUpgrades = `o=$(LC_ALL=C apk ${listsAsTheyAre} -s upgrade 2>&1)||printf '%s\\n' "$o"|sed -n 's/^ERROR: /failed /p'|head -n 1
printf '%s\\n' "$o"|awk '/^\\(/{split($3,a,"@");v=$NF;gsub(/[()]/,"",v);f=$4;sub(/\\(/,"",f)
if ($2=="Installing") print "is",a[1],"-",v;else if ($2=="Purging") print "is",a[1],v,"-";else if ($2~/^(Up|Down)grading$/&&f!=v) print "is",a[1],f,v}'`

function parseUpgrades(raw: string): Upgrades {
  if (!/(?:^|\n)end\n$/.test(raw)) {
    throw new TsplayError(
      'COMMAND',
      `the host's answer about upgrades makes no sense: ${JSON.stringify(raw.slice(0, 200))}`,
    )
  }
  const known = (version: string | undefined) => (version === '-' ? undefined : version)
  const found = [...raw.matchAll(/^is (\S+) (\S+) (\S+)$/gm)].map(([, name = '', from, to]) => ({
    name,
    from: known(from),
    to: known(to),
  }))
  const failed = /^failed (.+)$/m.exec(raw)?.[1]
  return {
    found: found.filter(({ name }, i) => found.findIndex((other) => other.name === name) === i),
    ...(failed === undefined ? {} : { failed }),
  }
}
