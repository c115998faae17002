import { packageUpgrade } from '../../../tasks/packages/package-upgrade.ts'
import { packages } from '../../../tasks/packages/packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'
import { hostilePackages } from './hostile-packages.ts'

/** Packages of our own in a repository of our own, so that versions are ours to say and nothing is fetched. */
const repository = `set -e
make() {
[ -e "/srv/rpms/$1-$2.rpm" ]&&return
mkdir -p /srv/rpms /srv/build
printf 'Name: %s\\nVersion: %s\\nRelease: 1\\nSummary: t\\nLicense: none\\nBuildArch: noarch\\n%%description\\nt\\n%%install\\nmkdir -p %%{buildroot}/etc/%s\\necho %s >%%{buildroot}/etc/%s/conf\\n%%files\\n%%dir /etc/%s\\n%%config(noreplace) /etc/%s/conf\\n' "$1" "$2" "$1" "$2" "$1" "$1" "$1" >/srv/build/t.spec
rpmbuild -bb --quiet --define '_topdir /srv/build' --define '_rpmdir /srv/rpms' --define '_rpmfilename %{NAME}-%{VERSION}.rpm' /srv/build/t.spec >/srv/build/log 2>&1
rm -rf /srv/build
}
for p in tsplay-t tsplay-u;do for v in 1.0 2.0;do make $p $v;done;done
printf '[t]\\nname=t\\nbaseurl=file:///srv/repo\\ngpgcheck=0\\n' >/etc/yum.repos.d/t.repo
index() { if [ "$(cat /srv/repo/.set 2>/dev/null)" = "$*" ];then return;fi;rm -rf /srv/repo /var/cache/dnf/*;mkdir -p /srv/repo;for p in "$@";do cp "/srv/rpms/$p.rpm" /srv/repo/;done;createrepo_c -q /srv/repo; echo "$*" >/srv/repo/.set; }
lists() { [ -e /var/cache/dnf/t.solv ]||dnf -q makecache --refresh; }
`
const both = `${repository}
index tsplay-t-1.0 tsplay-t-2.0 tsplay-u-1.0 tsplay-u-2.0; lists`

const quietly = '>/dev/null 2>&1 </dev/null'
const byHand = (words: string) => `dnf -q -y --disableplugin=versionlock ${words} ${quietly}`
const old = `rpm -i --replacefiles /srv/rpms/tsplay-t-1.0.rpm ${quietly}`
/** Lists from before there was a newer version; both are made once, and then brought back. */
const oldLists = `${repository}
aged=/srv/aged
if [ ! -e $aged ];then
rm -rf /srv/repo; index tsplay-t-1.0; lists; mkdir $aged.new; cp -a /var/cache/dnf $aged.new/lists
cp /srv/rpms/tsplay-t-2.0.rpm /srv/repo/; createrepo_c -q /srv/repo; mv /srv/repo $aged.new/repo; mv $aged.new $aged
fi
rm -rf /srv/repo /var/cache/dnf; cp -a $aged/repo /srv/repo; cp -a $aged/lists /var/cache/dnf; echo changed >/srv/repo/.set
${byHand('install tsplay-t')}; touch -d '2 hours ago' /var/cache/dnf/*/repodata/repomd.xml`
/** The repository and its lists stay from case to case, while they are those that are asked for. */
const reset = `: >/etc/dnf/plugins/versionlock.list; p=$(rpm -qa 'tsplay-*'); [ -z "$p" ]||rpm -e --allmatches $p ${quietly}
rm -rf /etc/tsplay-t /etc/tsplay-u; true`

const newest = '(not known yet: the newest that the host can get)'
const leaves =
  /^\/var\/(?:lib\/(?:dnf|rpm)|cache\/dnf)(?:\/|$)|^\/etc(?:\/dnf\/plugins(?:\/versionlock.list)?)?$|^\/var\/tmp$/

/** rpm's database, dnf's own records and its marks in a list have the time of day in them. */
const databases = {
  varies: /^\/var\/(?:lib\/(?:rpm|dnf)|cache\/dnf)\/|^\/etc\/dnf\/plugins\/versionlock\.list$/,
  holds: `rpm -qa | sort; rpm -Va 'tsplay-*'; grep -v '^#' /etc/dnf/plugins/versionlock.list; true`,
}

export const dnfUpgradeRow: Row = {
  resource: 'packageUpgrade',
  places: ['dnf'],
  cases: [
    {
      name: 'of everything, one of it held',
      // Lists older than the file of their repository: dnf marks them anew, and then knows their digests no more.
      prepare: `${both}; touch -d '1 minute ago' /var/cache/dnf/*/repodata/*primary*; ${byHand('install tsplay-t-1.0 tsplay-u-1.0')}; dnf -q --disablerepo='*' versionlock add tsplay-u ${quietly}`,
      make: () => packageUpgrade(),
      ...databases,
      drifts: [
        {
          by: byHand('downgrade tsplay-t-1.0'),
          sees: [{ field: 'version of tsplay-t', before: '1.0-1', after: '2.0-1' }],
        },
        {
          by: `dnf -q --disablerepo='*' versionlock delete tsplay-u ${quietly}`,
          sees: [{ field: 'version of tsplay-u', before: '1.0-1', after: '2.0-1' }],
        },
      ],
      not: { e: 'there is no way back to older versions' },
      reset,
    },
    {
      name: 'with lists that are old',
      prepare: oldLists,
      make: () => packageUpgrade({ mode: 'safe', autoremove: true }),
      not: { d: 'its step is that of the other case', e: 'there is no way back to older versions' },
      reset,
    },
  ],
}

export const dnfRow: Row = {
  resource: 'packages',
  places: ['dnf'],
  cases: [
    {
      name: 'two, held',
      prepare: both,
      make: () => packages({ names: ['tsplay-t', 'tsplay-u'], hold: true }),
      ...databases,
      drifts: [
        {
          by: 'dnf -q --disablerepo="*" versionlock delete tsplay-t',
          sees: [{ field: 'hold of tsplay-t', before: false, after: true }],
        },
        {
          by: byHand('remove tsplay-u'),
          sees: [
            { field: 'version of tsplay-u', before: undefined, after: newest },
            { field: 'hold of tsplay-u', before: false, after: true },
          ],
        },
        {
          by: `rpm -e --justdb tsplay-t; rpm -i --justdb /srv/rpms/tsplay-t-1.0.rpm; rpm -i --justdb --force /srv/rpms/tsplay-t-2.0.rpm`,
          sees: [{ field: 'broken packages', before: ['tsplay-t.noarch'], after: [] }],
        },
      ],
      undo: () => packages({ names: ['tsplay-t', 'tsplay-u'], state: 'absent' }),
      leaves,
      reset,
      hostile: hostilePackages(/Unable to find a match/),
    },
    {
      name: 'the latest, with lists that are old',
      prepare: oldLists,
      make: () => packages({ names: 'tsplay-t', state: 'latest', listsMaxAgeMs: 3_600_000 }),
      ...databases,
      drifts: [
        { by: byHand('downgrade tsplay-t-1.0'), sees: [{ field: 'version', before: '1.0-1', after: '2.0-1' }] },
        {
          by: "touch -d '2 hours ago' /var/cache/dnf/*/repodata/repomd.xml",
          sees: [{ field: 'package lists', before: 'old', after: 'fresh' }],
        },
      ],
      reset,
    },
    {
      name: 'an older version of what is held',
      prepare: `${both}; ${byHand('install tsplay-t')}; dnf -q --disablerepo='*' versionlock add tsplay-t ${quietly}`,
      make: () => packages({ names: 'tsplay-t=1.*', allowDowngrade: true, hold: true }),
      not: { d: 'its step is that of the other cases' },
      reset,
    },
    {
      name: 'from a file',
      prepare: `${both}; ${old}`,
      make: () => packages({ names: 'tsplay-t', from: '/srv/rpms/tsplay-t-2.0.rpm' }),
      drifts: [
        {
          by: byHand('remove tsplay-t'),
          sees: [{ field: 'version', before: undefined, after: '2.0-1' }],
        },
      ],
      not: { d: 'its step is that of the other cases' },
      reset,
      hostile: {
        from: {
          make: (from) => packages({ names: 'tsplay-t', from: `/srv/${from}` }),
          values: hostileTexts,
          refusal: /does not exist on the host|is no package that this host/,
        },
      },
    },
  ],
}
