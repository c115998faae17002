import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absent } from '../../../tasks/files/absent.ts'
import { fetch } from '../../../tasks/files/fetch.ts'
import { unarchive } from '../../../tasks/files/unarchive.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsplay-archives-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

mkdirSync(join(folder, 'app-1/bin'), { recursive: true })
writeFileSync(join(folder, 'app-1/bin/app'), '#!/bin/sh\n', { mode: 0o755 })
writeFileSync(join(folder, 'app-1/read me'), 'text\n', { mode: 0o640 })
symlinkSync('bin/app', join(folder, 'app-1/link'))
const archive = join(folder, 'app.tar.gz')
execFileSync('tar', ['-czf', archive, '-C', folder, 'app-1'])

const reset = 'rm -rf /srv/t'
const prepare = 'mkdir -p /srv/t'
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
