import { apkRepository } from '../../../tasks/packages/apk-repository.ts'
import { aptPin } from '../../../tasks/packages/apt-pin.ts'
import { packageRepository } from '../../../tasks/packages/package-repository.ts'
import { yumRepository } from '../../../tasks/packages/yum-repository.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'
import { serve } from './sourced.ts'

/** Keys that were made for this, and sign nothing. */
const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawc+gBYJKwYBBAHaRw8BAQdAJ12LlKm3kb3bXQyVkSqhwpJeB00nQqS2Un6P
K0SnGWe0FW9uZSA8b25lQGV4YW1wbGUub3JnPoiQBBMWCAA4FiEEJQntjq6UJk6o
PfCWV0h4X70po00FAmsHPoACGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ
V0h4X70po03jkAD/R06Dggl7wShgkQOs3An7f3u90j+rCGU8QXXwQVYqyZYBAOqu
rh4ir0gIwNwZufxD3MyV7xYyyynLOatHgcfApI0I
=O3Mk
-----END PGP PUBLIC KEY BLOCK-----
`
const other = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawc+gRYJKwYBBAHaRw8BAQdAF/QWbXtZsQMthhglo+6o5i0/4pilddDUN4p9
9qHchOK0FXR3byA8dHdvQGV4YW1wbGUub3JnPoiQBBMWCAA4FiEEuyCm2xIS1BYA
tOvUCRLTwL/jz1cFAmsHPoECGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ
CRLTwL/jz1e+ZQEAyXMigIHXb/8hJKGqUbxHyFb3yL8lrgD0xqdBhowDLJsBANQY
+VfL+3mrN4Y2viyvEiRKFhm2KfxKOob5HGvjlEEC
=VBDR
-----END PGP PUBLIC KEY BLOCK-----
`
const fingerprint = '2509 ED8E AE94 264E A83D  F096 5748 785F BD29 A34D'
const digits = fingerprint.replaceAll(' ', '')
const otherDigits = 'BB20A6DB1212D41600B4EBD40912D3C0BFE3CF57'

const text = (it: string) => `printf '%b' '${it.replaceAll('\n', '\\n')}'`
const served = `${serve}; ${text(key)} >/srv/www/key.asc`
const url = 'http://127.0.0.1:8099'
const keyAt = { url: `${url}/key.asc` }
const apt = '/etc/apt/keyrings/t.asc'
const reset =
  'rm -f /etc/apt/sources.list.d/t.sources /etc/apt/sources.list.d/t.list /etc/apt/keyrings/t.asc /etc/yum.repos.d/t.repo /etc/pki/rpm-gpg/RPM-GPG-KEY-t'
const leaves = /^\/etc(?:\/(?:apt|pki|yum\.repos\.d)(?:\/.*)?)?$/
const sources = `Types: deb\nURIs: ${url}\nSuites: stable\nComponents: main\nSigned-By: ${apt}\n`
const suite = { suites: ['stable'], components: ['main'] }

const packageRepositoryRow: Row = {
  resource: 'packageRepository',
  cases: [
    {
      name: 'with a key that is fetched, by its fingerprint',
      prepare: served,
      make: () => packageRepository({ name: 't', url, ...suite, key: keyAt, fingerprint }),
      drifts: [
        {
          by: `${text(other)} >${apt}`,
          sees: [{ field: 'key', before: [otherDigits], after: [digits] }],
        },
        {
          by: `${text(key + other)} >${apt}`,
          sees: [{ field: 'key', before: [digits, otherDigits], after: [digits] }],
        },
        {
          by: "sed -i 's/stable/testing/' /etc/apt/sources.list.d/t.sources",
          sees: [{ field: 'content', before: sources.replace('stable', 'testing'), after: sources, text: true }],
        },
      ],
      undo: () => packageRepository({ name: 't', state: 'absent' }),
      leaves,
      reset,
      hostile: {
        name: { make: (name) => packageRepository({ name, url, key }), values: hostileTexts },
        url: { make: (value) => packageRepository({ name: 't', url: value, key }), values: hostileTexts },
        suite: {
          make: (value) => packageRepository({ name: 't', url, suites: [value], components: ['main'], key }),
          values: hostileTexts,
        },
        'key url': {
          make: (value) => packageRepository({ name: 't', url, key: { url: `${url}/${value}` }, fingerprint }),
          values: hostileTexts,
          refusal: /could not fetch|curl:|fingerprints are/,
        },
        fingerprint: {
          make: (value) => packageRepository({ name: 't', url, key, fingerprint: value }),
          values: [...hostileTexts, otherDigits],
          refusal: /fingerprints are/,
        },
      },
    },
    {
      name: 'in one line, with the text of its key',
      make: () => packageRepository({ name: 't', url, ...suite, architectures: ['amd64'], key, format: 'list' }),
      undo: () => packageRepository({ name: 't', format: 'list', state: 'absent' }),
      leaves,
      reset,
      not: { d: 'its steps are those of the other case' },
    },
  ],
}

const yumRepositoryRow: Row = {
  resource: 'yumRepository',
  places: ['busybox', 'dnf'],
  cases: [
    {
      name: 'with the text of its key, by its fingerprint',
      make: () => yumRepository({ name: 't', url, key, fingerprint, excludes: ['kernel*'], priority: 10 }),
      drifts: [
        {
          by: `${text(other)} >/etc/pki/rpm-gpg/RPM-GPG-KEY-t`,
          sees: [{ field: 'key', before: [otherDigits], after: [digits] }],
        },
        {
          by: 'rm /etc/yum.repos.d/t.repo',
          sees: [{ field: 'file', before: undefined, after: '/etc/yum.repos.d/t.repo' }],
        },
      ],
      undo: () => yumRepository({ name: 't', state: 'absent' }),
      leaves,
      reset,
      hostile: {
        name: { make: (name) => yumRepository({ name, url, key }), values: hostileTexts },
        url: { make: (value) => yumRepository({ name: 't', url: value, key }), values: hostileTexts },
        description: {
          make: (description) => yumRepository({ name: 't', url, key, description }),
          values: hostileTexts,
          reads: () => 'sed -n 2p /etc/yum.repos.d/t.repo',
          gives: (description) => `name=${description.trim()}\n`,
        },
        exclude: { make: (value) => yumRepository({ name: 't', url, key, excludes: [value] }), values: hostileTexts },
      },
    },
  ],
}

const pem = (text: string) => `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`
const apkKey = { name: 't@example.org.rsa.pub', content: pem('MFww') }
const apkUrls = [`${url}/main`, `${url}/community`]

const apkRepositoryRow: Row = {
  resource: 'apkRepository',
  cases: [
    {
      name: 'of two lines, with its key',
      make: () => apkRepository({ name: 't', url: apkUrls, tag: 'ours', key: apkKey }),
      drifts: [
        {
          by: `${text(pem('MFxx'))} >/etc/apk/keys/${apkKey.name}`,
          sees: [{ field: 'key', before: pem('MFxx'), after: apkKey.content, text: true }],
        },
        {
          by: 'rm /etc/apk/repositories.d/t.list',
          sees: [{ field: 'file', before: undefined, after: '/etc/apk/repositories.d/t.list' }],
        },
      ],
      undo: () => apkRepository({ name: 't', key: { name: apkKey.name }, state: 'absent' }),
      leaves: /^\/etc(?:\/apk(?:\/(?:keys|repositories\.d))?)?$/,
      reset: `rm -f /etc/apk/repositories.d/t.list /etc/apk/keys/${apkKey.name}`,
      hostile: {
        name: { make: (name) => apkRepository({ name, url }), values: hostileTexts },
        url: { make: (value) => apkRepository({ name: 't', url: value }), values: hostileTexts },
        tag: {
          make: (tag) => apkRepository({ name: 't', url, tag }),
          values: hostileTexts,
          reads: () => 'cat /etc/apk/repositories.d/t.list',
          gives: (tag) => `@${tag} ${url}\n`,
        },
        'key name': {
          make: (name) => apkRepository({ name: 't', url, key: { ...apkKey, name } }),
          values: hostileTexts,
        },
        key: {
          make: (content) => apkRepository({ name: 't', url, key: { ...apkKey, content } }),
          values: hostileTexts,
        },
      },
    },
    {
      name: 'of apk 3, without a key',
      make: () => apkRepository({ name: 't', url, format: 'v3' }),
      undo: () => apkRepository({ name: 't', state: 'absent' }),
      leaves: /^\/etc(?:\/apk(?:\/(?:keys|repositories\.d))?)?$/,
      reset: 'rm -f /etc/apk/repositories.d/t.list',
    },
  ],
}

const pinned = { name: 't', packages: ['tsplay-*', 'tsplay-t'], pin: 'version 1.0*', priority: 1001 }
const pin = 'Package: tsplay-* tsplay-t\nPin: version 1.0*\nPin-Priority: 1001\n'

const aptPinRow: Row = {
  resource: 'aptPin',
  cases: [
    {
      name: 'a version',
      prepare: 'mkdir -p /etc/apt/preferences.d',
      make: () => aptPin(pinned),
      drifts: [
        {
          by: "sed -i 's/1001/10/' /etc/apt/preferences.d/t.pref",
          sees: [{ field: 'content', before: pin.replace('1001', '10'), after: pin, text: true }],
        },
      ],
      undo: () => aptPin({ name: 't', state: 'absent' }),
      leaves: /^\/etc\/apt\/preferences\.d$/,
      reset: 'rm -f /etc/apt/preferences.d/t.pref',
      hostile: {
        name: { make: (name) => aptPin({ ...pinned, name }), values: hostileTexts },
        package: {
          make: (name) => aptPin({ ...pinned, packages: name }),
          values: hostileTexts,
          // What is left of them is what apt itself understands.
          reads: () =>
            'if command -v apt-cache >/dev/null;then apt-cache policy >/dev/null;fi;cat /etc/apt/preferences.d/t.pref',
          gives: (name) => pin.replace('tsplay-* tsplay-t', name),
        },
        pin: { make: (value) => aptPin({ ...pinned, pin: value }), values: hostileTexts },
      },
    },
  ],
}

export const repositoryRows: readonly Row[] = [packageRepositoryRow, yumRepositoryRow, apkRepositoryRow, aptPinRow]
