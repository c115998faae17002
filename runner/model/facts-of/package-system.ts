import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { typed } from '../typed-question.ts'
import { unclear } from './unclear.ts'

/** Package managers that hosts are known to have; `none` where none of them was found. */
const managers = ['apt', 'dnf', 'apk', 'zypper', 'pacman', 'microdnf', 'yum', 'opkg', 'none'] as const
export type PackageManagerName = (typeof managers)[number]

/** What installs packages on a host, and how it is. */
export interface PackageSystem {
  readonly manager: PackageManagerName
  /**
   * Packages that a cut or a failure left half-way: of apt those that are not configured, and `journal` for an
   * interrupted write of the database; of dnf those of which the older version is still there; of apk those whose files
   * or scripts failed. Sorted.
   */
  readonly broken: readonly string[]
  /** How old the lists of what can be had are, in milliseconds; `undefined` where there are none. */
  readonly listsAgeMs: number | undefined
  /** Whether packages can be kept at a version: of dnf 4 that takes a plugin. */
  readonly canHold: boolean
}

/** Packages of which something is left to do, as dpkg's database has it: a look that costs less than dpkg-query takes to read it all. */
const halfDone = '^Status: [a-z]+ (reinstreq |ok (half-|unpacked|triggers-))'

/** Asks which package manager a host has, and whether it is in order. Two processes on the host with apt, five with the age. */
export const packageSystemProbe = typed(
  'package-system',
  ({ age = false }: { readonly age?: boolean } = {}): Probe<PackageSystem> => ({
    fact: 'package-system',
    script: `{
if [ -s /var/lib/dpkg/status ]&&command -v apt-get >/dev/null&&command -v dpkg-query >/dev/null;then echo manager apt;echo holds
for f in /var/lib/dpkg/updates/[0-9]*;do if [ -e "$f" ];then echo broken journal;fi;break;done
if [ -e "$f" ]||grep -q -E ${quote(halfDone)} /var/lib/dpkg/status;then
dpkg-query -W -f='\${db:Status-Abbrev}\${Package}\\n'|sed -n '/^.[inc] /!s/^...\\(.*\\)/broken \\1/p'
fi
${age ? aptAge : ''}elif [ -e /lib/apk/db/installed ]&&command -v apk >/dev/null;then echo manager apk;echo holds
awk '/^P:/{p=substr($0,3)} /^f:.*[fs]/{print "broken " p}' /lib/apk/db/installed
${age ? apkAge : ''}elif command -v rpm >/dev/null&&command -v dnf >/dev/null;then echo manager dnf
${duplicates}
if [ -e /etc/dnf/plugins/versionlock.conf ]||command -v dnf5 >/dev/null;then echo holds;fi
${age ? dnfAge : ''}else for m in apk zypper pacman microdnf yum opkg none;do if command -v $m >/dev/null||[ $m = none ];then echo "manager $m";break;fi;done;fi
} 2>/dev/null`,
    parse(raw) {
      const manager = managers.find((name) => raw.includes(`manager ${name}\n`))
      if (manager === undefined) throw unclear('the package manager', raw)
      const seconds = /^age (\d+)$/m.exec(raw)?.[1]
      return {
        manager,
        broken: [...new Set([...raw.matchAll(/^broken (.+)$/gm)].map((match) => match[1] ?? ''))].toSorted(),
        listsAgeMs: seconds === undefined ? undefined : Number(seconds) * 1000,
        canHold: /^holds$/m.test(raw),
      }
    },
    answeredBy: () => true,
  }),
)

/**
 * An upgrade that was cut between two versions of a package leaves both. Of kernels, keys and whatever else says so there
 * may be several (installonlypkgs of dnf.conf(5)).
 */
const duplicates = `for p in $(rpm -qa --qf '%{NAME}.%{ARCH}\\n'|grep -v '^gpg-pubkey\\|^kernel'|sort|uniq -d);do
rpm -q --provides "$p"|grep -q '^installonlypkg(\\|^multiversion('||echo "broken $p"
done`

/** The folder changes at each update; where everything was as before, the step that updates touches it. */
const aptAge = `t=$(stat -c %Y /var/lib/apt/lists) n=$(date +%s)
if [ "$t" ]&&[ "$(ls /var/lib/apt/lists|wc -l)" -gt 2 ];then echo "age $((n>t?n-t:0))";fi
`

/** Of the repository that was looked at last: those that are not enabled any more keep their old lists. */
const dnfAge = `t=$(stat -c %Y /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml|sort -n|tail -n 1) n=$(date +%s)
if [ "$t" ];then echo "age $((n>t?n-t:0))";fi
`

/** Of what was fetched last: apk notes there when it has looked, also where nothing was new. Local repositories it reads each time. */
const apkAge = `t=$(stat -c %Y /etc/apk/cache/*INDEX.* /etc/apk/cache/*.adb /var/cache/apk/*INDEX.* /var/cache/apk/*.adb|sort -n|tail -n 1) n=$(date +%s)
if ! grep -q '^[^#]*[a-z]://' /etc/apk/repositories /etc/apk/repositories.d/*.list /lib/apk/repositories.d/*.list;then t=$n;fi
if [ "$t" ];then echo "age $((n>t?n-t:0))";fi
`
