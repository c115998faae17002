import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { absent } from '../../../tasks/files/absent.ts'
import { tree } from '../../../tasks/files/tree/tree.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const source = mkdtempSync(join(tmpdir(), 'tsplay-tree-'))
process.on('exit', () => rmSync(source, { recursive: true, force: true }))

/** A local directory of these files; a value that begins with `->` is where a link leads to. */
function local(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    const at = join(source, name, path)
    mkdirSync(dirname(at), { recursive: true })
    if (content.startsWith('->')) symlinkSync(content.slice(2), at)
    else writeFileSync(at, content, { mode: content.startsWith('#!') ? 0o755 : 0o600 })
  }
  return join(source, name)
}

const site = local('site', {
  'index.html': 'welcome\n',
  'run.sh': '#!/bin/sh\n',
  'deep/er/a b': 'blank\n',
  current: '->deep',
  'left.bak': 'out\n',
  'deep/build/x': 'out\n',
})
const large = local('large', { 'a.bin': 'x'.repeat(200_000), 'b.txt': 'b\n' })
const names = hostileTexts.filter((text) => text !== '' && text.length <= 200 && !/[/\n\r]/.test(text))
const odd = local('odd', Object.fromEntries(names.map((name) => [name, name])))

const reset = 'rm -rf /srv/t'
const prepare = 'mkdir -p /srv/t'

export const treeRows: readonly Row[] = [
  {
    resource: 'tree',
    cases: [
      {
        name: 'a new directory',
        prepare,
        make: () => tree({ source: site, path: '/srv/t/d', exclude: ['*.bak', '/deep/build'] }),
        undo: () => absent({ path: '/srv/t/d' }),
        drifts: [
          {
            by: 'chmod 600 /srv/t/d/index.html',
            sees: [{ field: 'index.html mode', before: '0600', after: '0644' }],
          },
          {
            by: 'rm /srv/t/d/current;ln -s / /srv/t/d/current',
            sees: [{ field: 'current', before: 'link to /', after: 'link to deep' }],
          },
        ],
        reset,
      },
      {
        name: 'in place of others, extras removed, of an owner',
        prepare: `${prepare}/d/old/er;echo x >/srv/t/d/old/f;echo x >/srv/t/d/old/kept.bak;echo y >/srv/t/d/index.html;mkdir /srv/t/d/run.sh;ln -s /etc/passwd /srv/t/d/deep;chown -R nobody /srv/t/d`,
        make: () =>
          tree({
            source: site,
            path: '/srv/t/d',
            exclude: ['*.bak', '/deep/build'],
            removeExtras: true,
            owner: 'nobody',
            group: 'nogroup',
            directoryMode: '0750',
          }),
        drifts: [
          { by: 'echo z >/srv/t/d/deep/new', sees: [{ field: 'deep/new', before: 'file', after: undefined }] },
          {
            by: 'chown root /srv/t/d/deep',
            sees: [{ field: 'deep owner', before: 'root', after: 'nobody' }],
          },
        ],
        reset,
      },
      {
        name: 'more than goes with other steps',
        prepare,
        make: () => tree({ source: large, path: '/srv/t/d' }),
        // The stream travels ahead through a channel of its own.
        changedTrips: 3,
        reset,
      },
      { name: 'odd names', prepare, make: () => tree({ source: odd, path: '/srv/t/d', removeExtras: true }), reset },
    ],
  },
]
