import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absent } from '../../../tasks/files/absent.ts'
import { fetch } from '../../../tasks/files/fetch.ts'
import { unarchive } from '../../../tasks/files/unarchive.ts'
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

const fetchRow: Row = {
  resource: 'fetch',
  cases: [
    {
      name: 'a file',
      prepare: `${prepare};cat /proc/sys/kernel/random/uuid >/srv/t/f`,
      make: () => fetch({ path: '/srv/t/f', to: join(folder, 'got/f') }),
      // The content comes through a channel of its own, and is compared once more.
      changedTrips: 3,
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

export const archiveRows: readonly Row[] = [unarchiveRow, fetchRow]
