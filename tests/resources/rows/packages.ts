import { packageUpgrade } from '../../../tasks/packages/package-upgrade.ts'
import { packages } from '../../../tasks/packages/packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'
import { hostilePackages } from './hostile-packages.ts'

/** Debian packages of our own in a repository of our own, so that versions are ours to say and nothing is fetched. */
const repository = `set -e
mkdir -p /srv/repo/old /var/lib/apt-away
[ -e /var/lib/apt-away/sources ] || { cp /etc/apt/sources.list /var/lib/apt-away/sources; mkdir -p /var/lib/apt-away/lists; mv /var/lib/apt/lists/* /var/lib/apt-away/lists/ 2>/dev/null || true; }
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
make() {
rm -rf /srv/build; mkdir -p /srv/debs /srv/build/DEBIAN "/srv/build/etc/$1"; echo "$2" >"/srv/build/etc/$1/conf"
printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@example.com>\\nDescription: t\\n' "$1" "$2" >/srv/build/DEBIAN/control
printf '/etc/%s/conf\\n' "$1" >/srv/build/DEBIAN/conffiles
f="$1_$2.deb"; dpkg-deb -Znone -b /srv/build "/srv/debs/$f" >/dev/null
cat /srv/build/DEBIAN/control >"/srv/debs/$f.entry"
printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$f" "$(stat -c %s "/srv/debs/$f")" "$(sha256sum <"/srv/debs/$f" | cut -d' ' -f1)" >>"/srv/debs/$f.entry"
rm -rf /srv/build
}
for p in tsplay-t tsplay-u;do for v in 1.0 2.0;do [ -e "/srv/debs/\${p}_$v.deb.entry" ] || make $p $v;done;done
cp /srv/debs/*.deb /srv/repo/
index() { for f;do cat "/srv/debs/$f.entry";done >/srv/repo/Packages; }
lists() { apt-get -qq update; }
`
const both = `${repository}
index tsplay-t_1.0.deb tsplay-t_2.0.deb tsplay-u_1.0.deb tsplay-u_2.0.deb; lists`

const byHand = 'apt-get -qq -y -o Dpkg::Options::=--force-confdef --allow-downgrades --allow-change-held-packages'
const quietly = '>/dev/null 2>&1 </dev/null'
const reset = `apt-mark unhold tsplay-t tsplay-u ${quietly}; dpkg --purge tsplay-t tsplay-u ${quietly}; rm -f /var/lib/dpkg/updates/*
if [ -e /var/lib/apt-away/sources ];then cp /var/lib/apt-away/sources /etc/apt/sources.list; rm -rf /var/lib/apt/lists/*; mv /var/lib/apt-away/lists/* /var/lib/apt/lists/ 2>/dev/null; rm -rf /var/lib/apt-away;fi
rm -rf /srv/repo /etc/tsplay-t /etc/tsplay-u; true`
const notOn = { busybox: 'there is no package manager' }
/** apt's caches of its lists have the times of those in them, and are made anew from them whenever they differ. */
const caches = {
  varies: /^\/var\/cache\/apt\/(?:src)?pkgcache\.bin$/,
  holds: 'dpkg-query -W; apt-mark showhold; ls /var/lib/apt/lists',
}

const upgradeRow: Row = {
  resource: 'packageUpgrade',
  places: ['busybox', 'debian'],
  cases: [
    {
      name: 'of everything, one of it held',
      prepare: `${both}; ${byHand} install tsplay-t=1.0 tsplay-u=1.0 ${quietly}; apt-mark hold tsplay-u ${quietly}`,
      make: () => packageUpgrade(),
      ...caches,
      drifts: [
        {
          by: `${byHand} install tsplay-t=1.0 ${quietly}`,
          sees: [{ field: 'version of tsplay-t', before: '1.0', after: '2.0' }],
        },
        {
          by: `apt-mark unhold tsplay-u ${quietly}`,
          sees: [{ field: 'version of tsplay-u', before: '1.0', after: '2.0' }],
        },
        {
          by: `${byHand} install tsplay-t=1.0 ${quietly}; dpkg --unpack /srv/repo/tsplay-t_2.0.deb ${quietly}`,
          sees: [{ field: 'broken packages', before: ['tsplay-t'], after: [] }],
        },
      ],
      not: { e: 'there is no way back to older versions' },
      reset,
      refusedOn: { busybox: /no package manager on this host/ },
    },
    {
      name: 'with lists that are old',
      prepare: `${repository}
index tsplay-t_1.0.deb; lists; ${byHand} install tsplay-t ${quietly}; index tsplay-t_1.0.deb tsplay-t_2.0.deb; touch -d '2 hours ago' /var/lib/apt/lists`,
      make: () => packageUpgrade({ mode: 'safe', autoremove: true }),
      not: { d: 'its step is that of the other case', e: 'there is no way back to older versions' },
      reset,
      notOn,
    },
  ],
}

export const packageRows: readonly Row[] = [
  upgradeRow,
  {
    resource: 'packages',
    cases: [
      {
        name: 'on a host without a package manager',
        make: () => packages({ names: 'tsplay-t' }),
        reset: 'true',
        refusedOn: { busybox: /no package manager on this host/ },
        notOn: { debian: 'it has one' },
      },
      {
        name: 'two, held',
        prepare: both,
        make: () => packages({ names: ['tsplay-t', 'tsplay-u'], hold: true }),
        ...caches,
        drifts: [
          { by: 'apt-mark unhold tsplay-t', sees: [{ field: 'hold of tsplay-t', before: false, after: true }] },
          {
            by: `${byHand} remove tsplay-u ${quietly}`,
            sees: [
              {
                field: 'version of tsplay-u',
                before: undefined,
                after: '(not known yet: the newest that the host can get)',
              },
              { field: 'hold of tsplay-u', before: false, after: true },
            ],
          },
          {
            by: `dpkg --unpack --force-hold /srv/repo/tsplay-t_2.0.deb ${quietly}`,
            sees: [
              { field: 'broken packages', before: ['tsplay-t'], after: [] },
              {
                field: 'version of tsplay-t',
                before: undefined,
                after: '(not known yet: the newest that the host can get)',
              },
              { field: 'hold of tsplay-t', before: false, after: true },
            ],
          },
        ],
        undo: () => packages({ names: ['tsplay-t', 'tsplay-u'], state: 'purged' }),
        leaves: /^\/var\/(?:lib\/(?:dpkg|apt)|cache)(?:\/|$)|^\/etc$/,
        reset,
        notOn,
        hostile: hostilePackages(/no such package/),
      },
      {
        name: 'the latest, with lists that are old',
        prepare: `${repository}
index tsplay-t_1.0.deb; lists; ${byHand} install tsplay-t ${quietly}; index tsplay-t_1.0.deb tsplay-t_2.0.deb; touch -d '2 hours ago' /var/lib/apt/lists`,
        make: () => packages({ names: 'tsplay-t', state: 'latest', listsMaxAgeMs: 3_600_000 }),
        ...caches,
        drifts: [
          {
            by: `${byHand} install tsplay-t=1.0 ${quietly}`,
            sees: [{ field: 'version', before: '1.0', after: '2.0' }],
          },
          {
            by: "touch -d '2 hours ago' /var/lib/apt/lists",
            sees: [{ field: 'package lists', before: 'old', after: 'fresh' }],
          },
        ],
        reset,
        notOn,
      },
      {
        name: 'an older version',
        prepare: `${both}; ${byHand} install tsplay-t ${quietly}`,
        make: () => packages({ names: 'tsplay-t=1.*', allowDowngrade: true }),
        not: { d: 'its step is that of the other cases' },
        reset,
        notOn,
      },
      {
        name: 'from a file',
        prepare: `${both}; ${byHand} install tsplay-t=1.0 ${quietly}`,
        make: () => packages({ names: 'tsplay-t', from: '/srv/repo/tsplay-t_2.0.deb' }),
        drifts: [
          {
            by: `${byHand} remove tsplay-t ${quietly}`,
            sees: [{ field: 'version', before: undefined, after: '2.0' }],
          },
        ],
        not: { d: 'its step is that of the other cases' },
        reset,
        notOn,
        hostile: {
          from: {
            make: (from) => packages({ names: 'tsplay-t', from: `/srv/repo/${from}` }),
            values: hostileTexts,
            refusal: /does not exist on the host|is no package that this host/,
          },
        },
      },
      {
        name: 'purged',
        prepare: `${both}; ${byHand} install tsplay-t ${quietly}`,
        make: () => packages({ names: 'tsplay-t', state: 'purged' }),
        drifts: [
          {
            by: `${byHand} install tsplay-t ${quietly}; ${byHand} remove tsplay-t ${quietly}`,
            sees: [{ field: 'configuration files', before: 'left', after: undefined }],
          },
        ],
        not: { d: 'its step is that of the other cases' },
        reset,
        notOn,
      },
    ],
  },
]
