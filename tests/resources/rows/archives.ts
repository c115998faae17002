import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absent } from '../../../tasks/files/absent.ts'
import { archive as packed } from '../../../tasks/files/archive/archive.ts'
import { fetch } from '../../../tasks/files/fetch.ts'
import { unarchive } from '../../../tasks/files/unarchive.ts'
import { quote } from '../../../runner/model/quote.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'
import { serve } from './sourced.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsplay-archives-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

mkdirSync(join(folder, 'app-1/bin'), { recursive: true })
writeFileSync(join(folder, 'app-1/bin/app'), '#!/bin/sh\n', { mode: 0o755 })
writeFileSync(join(folder, 'app-1/read me'), 'text\n', { mode: 0o640 })
symlinkSync('bin/app', join(folder, 'app-1/link'))
const archive = join(folder, 'app.tar.gz')
execFileSync('tar', ['-czf', archive, '-C', folder, 'app-1'])

/** The same tree by zip, which this machine may not have. */
const zipped = [
  'UEsDBBQAAAAAAAAAIVgAAAAAAAAAAAAAAAAGAAAAYXBwLTEvUEsDBBQAAAAAAAAAIVgAAAAAAAAAAAAAAAAKAAAAYXBwLTEvYmlu',
  'L1BLAwQUAAAACAAAACFYHZ37BAwAAAAKAAAADQAAAGFwcC0xL2Jpbi9hcHBTVtRPyszTL87gAgBQSwMEFAAAAAgAAAAhWCfa7DcH',
  'AAAABQAAAA0AAABhcHAtMS9yZWFkIG1lK0mtKOECAFBLAQIUAxQAAAAAAAAAIVgAAAAAAAAAAAAAAAAGAAAAAAAAAAAAEADtQQAA',
  'AABhcHAtMS9QSwECFAMUAAAAAAAAACFYAAAAAAAAAAAAAAAACgAAAAAAAAAAABAA7UEkAAAAYXBwLTEvYmluL1BLAQIUAxQAAAAI',
  'AAAAIVgdnfsEDAAAAAoAAAANAAAAAAAAAAAAAADtgUwAAABhcHAtMS9iaW4vYXBwUEsBAhQDFAAAAAgAAAAhWCfa7DcHAAAABQAA',
  'AA0AAAAAAAAAAAAAAKCBgwAAAGFwcC0xL3JlYWQgbWVQSwUGAAAAAAQABADiAAAAtQAAAAAA',
].join('')
const zip = join(folder, 'app.zip')
writeFileSync(zip, Buffer.from(zipped, 'base64'))
const xz = join(folder, 'app.tar.xz')
execFileSync('tar', ['-cJf', xz, '-C', folder, 'app-1'])
const zst = join(folder, 'app.tar.zst')
execFileSync('tar', ['-c', '-I', 'zstd', '-f', zst, '-C', folder, 'app-1'])

/** Shell text that makes a file of the host hold the same bytes as one here. */
const copied = (from: string, to: string) =>
  `printf '${[...readFileSync(from)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}' >${to}`

const reset = 'rm -rf /srv/t'
const prepare = 'mkdir -p /srv/t'
const digest = createHash('sha256').update(readFileSync(xz)).digest('hex')
const unpacked = { field: 'unpacked', before: undefined, after: archive }

const unarchiveRow: Row = {
  resource: 'unarchive',
  cases: [
    {
      name: 'a local archive',
      prepare,
      make: () => unarchive({ source: archive, path: '/srv/t', creates: 'app-1/bin/app' }),
      drifts: [{ by: 'rm /srv/t/app-1/bin/app', sees: [unpacked] }],
      undo: () => absent({ path: '/srv/t/app-1' }),
      reset,
      hostile: {
        creates: {
          make: (creates) => unarchive({ source: archive, path: '/srv/t', creates }),
          values: hostileTexts.filter((text) => text.length < 1000),
          refusal: /the archive holds no/,
        },
      },
    },
    {
      name: 'one of the host, into what is there, of an owner',
      prepare: `${prepare}/bin /srv/a/app-1/bin;echo old >/srv/t/bin/app;echo kept >/srv/t/bin/kept;echo new >/srv/a/app-1/bin/app;echo x >/srv/a/app-1/x;tar -cf /srv/t.tar -C /srv/a app-1`,
      make: () =>
        unarchive({
          hostPath: '/srv/t.tar',
          path: '/srv/t',
          creates: 'x',
          stripComponents: 1,
          owner: 'nobody',
          group: 'nogroup',
          fileMode: '0640',
          directoryMode: '0750',
        }),
      // tar writes the times of what was just made.
      varies: /^\/srv\/t\.tar$/,
      reset: 'rm -rf /srv/t /srv/a /srv/t.tar',
    },
    {
      name: 'packed by zip',
      prepare,
      make: () => unarchive({ source: zip, path: '/srv/t', creates: 'bin/app', stripComponents: 1, fileMode: '0640' }),
      reset,
    },
    {
      name: 'packed by xz, from an address',
      prepare: `${serve}; ${copied(xz, '/srv/www/app.tar.xz')}`,
      make: () =>
        unarchive({ url: 'http://127.0.0.1:8099/app.tar.xz', sha256: digest, path: '/srv/t', creates: 'app-1/bin' }),
      drifts: [
        {
          by: 'rm -rf /srv/t/app-1/bin',
          sees: [{ field: 'unpacked', before: undefined, after: 'http://127.0.0.1:8099/app.tar.xz' }],
        },
      ],
      undo: () => absent({ path: '/srv/t/app-1' }),
      reset,
      hostile: {
        url: {
          make: (value) =>
            unarchive({ url: `http://127.0.0.1:8099/${value}`, sha256: digest, path: '/srv/t', creates: 'app-1/x' }),
          values: hostileTexts,
          refusal: /could not fetch|curl:|has the sha256/,
        },
        sha256: {
          make: (sha256) =>
            unarchive({ url: 'http://127.0.0.1:8099/app.tar.xz', sha256, path: '/srv/t', creates: 'app-1/x' }),
          values: [...hostileTexts, '0'.repeat(64)],
          refusal: /has the sha256/,
        },
      },
    },
    {
      name: 'packed by zstd, on the host',
      prepare: `${prepare}; ${copied(zst, '/srv/app.tar.zst')}`,
      make: () => unarchive({ hostPath: '/srv/app.tar.zst', path: '/srv/t', creates: 'app-1' }),
      reset: `${reset} /srv/app.tar.zst`,
      not: { d: 'its steps are those of the other cases' },
    },
  ],
}

/** `kept` is left, `left out` is not, and names are odd. */
const sources = `${prepare}/d/sub /srv/b;cd /srv/t/d;echo one >one;echo two >'sub/two words';ln -s one link;echo x >-dash;echo x >'*';echo x >'[a] ü';mkdir empty sub/cache;echo x >sub/cache/x;echo x >sub/x.tmp;chmod 640 one`
const names = ['*', '-dash', '[a] ü', 'empty', 'link', 'one', 'sub', 'sub/two words']
const lines = (list: readonly string[]) => list.map((name) => `${name}\n`).join('')
const withMore = ['*', '-dash', '[a] ü', 'empty', 'link', 'more', 'one', 'sub', 'sub/two words']
const exclude = ['*.tmp', '/sub/cache']
const cleared = 'rm -rf /srv/t /srv/b'
const contents = { field: 'contents', before: 'as they were packed', after: 'as they are' }

/** The times of what was just made are in it. */
const varies = /^\/srv\/(?:b\/d\.|t\/d\/sub\/x\.tar$)/

const archiveRow: Row = {
  resource: 'archive',
  cases: [
    {
      name: 'a directory, by gzip',
      prepare: sources,
      make: () => packed({ path: '/srv/b/d.tar.gz', directory: '/srv/t/d', exclude }),
      drifts: [
        { by: 'touch /srv/t/d/one; echo x >/srv/t/d/sub/y.tmp', sees: [] },
        { by: 'echo ONE >/srv/t/d/one', sees: [contents] },
        { by: 'chmod 600 /srv/t/d/one', sees: [contents] },
        { by: 'ln -sf two /srv/t/d/link', sees: [contents] },
        {
          by: 'echo more >/srv/t/d/more',
          sees: [{ field: 'entries', before: lines(names), after: lines(withMore), text: true }],
        },
        {
          by: 'rm /srv/t/d/more',
          sees: [{ field: 'entries', before: lines(withMore), after: lines(names), text: true }],
        },
        { by: 'chmod 644 /srv/b/d.tar.gz', sees: [] },
        { by: 'rm /srv/b/d.tar.gz', sees: [{ field: 'archive', before: undefined, after: '8 entries' }] },
        {
          by: 'head -c 300 /srv/b/d.tar.gz >/srv/b/x; cat /srv/b/x >/srv/b/d.tar.gz; rm /srv/b/x',
          sees: [{ field: 'archive', before: 'not whole', after: '8 entries' }],
        },
        {
          by: 'tar -czf /srv/b/d.tar.gz -C /srv/t d',
          sees: [{ field: 'archive', before: 'made by something else', after: '8 entries' }],
        },
      ],
      undo: () => absent({ path: '/srv/b/d.tar.gz' }),
      leaves: /^\/srv\/(?:b$|t)/,
      varies,
      reset: cleared,
      hostile: {
        path: {
          make: (name) => packed({ path: `/srv/b/${name}.tar`, directory: '/srv/t/d' }),
          values: hostileTexts.filter((text) => text.length < 200),
          reads: (name) => `tar -xOf ${quote(`/srv/b/${name}.tar`)} one`,
          gives: () => 'one\n',
        },
        entries: {
          make: (name) => packed({ path: '/srv/b/e.tar', directory: '/srv/t/d', entries: [name] }),
          values: hostileTexts,
          refusal: /there is no .* in \/srv\/t\/d|can not be read/s,
        },
        exclude: {
          make: (pattern) => packed({ path: '/srv/b/e.tar', directory: '/srv/t/d', exclude: [pattern] }),
          values: hostileTexts.filter((text) => text.length < 1000),
          refusal: /there is nothing to pack/,
        },
      },
    },
    {
      name: 'parts of it, by tar alone, into itself, for a group',
      prepare: sources,
      make: () =>
        packed({
          path: '/srv/t/d/sub/x.tar',
          directory: '/srv/t/d',
          entries: ['sub', 'one', '-dash'],
          mode: '0640',
          owner: 'nobody',
          group: 'nogroup',
        }),
      drifts: [
        { by: 'chmod 600 /srv/t/d/sub/x.tar', sees: [{ field: 'mode', before: '0600', after: '0640' }] },
        {
          by: 'truncate -s 1030 /srv/t/d/sub/x.tar',
          sees: [{ field: 'archive', before: 'not whole', after: '7 entries' }],
        },
      ],
      varies,
      reset: cleared,
    },
    {
      name: 'by zip',
      prepare: sources,
      make: () => packed({ path: '/srv/b/d.zip', directory: '/srv/t/d', exclude }),
      drifts: [{ by: 'echo ONE >/srv/t/d/one', sees: [contents] }],
      varies,
      reset: cleared,
    },
    {
      name: 'by zstd',
      prepare: sources,
      make: () => packed({ path: '/srv/b/d.tar.zst', directory: '/srv/t/d', entries: ['one'] }),
      reset: cleared,
      not: { d: 'its steps are those of the other cases' },
    },
    {
      name: 'by xz',
      prepare: sources,
      make: () => packed({ path: '/srv/d.txz', directory: '/etc', entries: ['passwd'] }),
      reset: 'rm -f /srv/d.txz',
      not: { d: 'its steps are those of the other cases' },
      refusedOn: { busybox: /xz is not installed, or can not pack/ },
    },
    {
      name: 'of no directory',
      make: () => packed({ path: '/srv/t.tar', directory: '/nonexistent' }),
      reset: cleared,
      refusedOn: { busybox: /nonexistent is no directory/, debian: /nonexistent is no directory/ },
    },
  ],
}

const fetchRow: Row = {
  resource: 'fetch',
  cases: [
    {
      name: 'a file',
      prepare: `${prepare};cat /proc/sys/kernel/random/uuid >/srv/t/f`,
      make: () => fetch({ path: '/srv/t/f', to: join(folder, 'got/f') }),
      // The content comes through a channel of its own, and is compared once more.
      changedTrips: 3,
      varies: /^\/srv\/t\/f$/,
      reset,
      hostile: {
        to: {
          make: (name) => fetch({ path: '/etc/passwd', to: join(folder, 'odd', name) }),
          values: hostileTexts.filter((text) => text.length < 200 && text !== ''),
        },
      },
    },
  ],
}

export const archiveRows: readonly Row[] = [archiveRow, unarchiveRow, fetchRow]
