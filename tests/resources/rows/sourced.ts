import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { absent } from '../../../tasks/files/absent.ts'
import { download } from '../../../tasks/files/download.ts'
import { template } from '../../../tasks/files/template.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const source = fileURLToPath(new URL('app.conf.eta', import.meta.url))
const reset = 'rm -rf /srv/t'

const templateRow: Row = {
  resource: 'template',
  cases: [
    {
      name: 'with a list',
      prepare: 'mkdir -p /srv/t',
      make: () => template({ path: '/srv/t/f', source, values: { name: 'app', ports: [80, 443] }, mode: '0644' }),
      drifts: [
        {
          by: "sed -i 's/80/81/' /srv/t/f",
          sees: [
            {
              field: 'content',
              before: '# app\nlisten 81\nlisten 443\n',
              after: '# app\nlisten 80\nlisten 443\n',
              text: true,
            },
          ],
        },
      ],
      undo: () => absent({ path: '/srv/t/f' }),
      reset,
      hostile: {
        value: {
          make: (name) => template({ path: '/srv/t/f', source, values: { name, ports: [] } }),
          values: hostileTexts,
          reads: () => 'cat /srv/t/f',
          gives: (name) => `# ${name}\n`,
        },
      },
    },
  ],
}

const text = 'what is served\n'
const sha256 = createHash('sha256').update(text).digest('hex')
const url = 'http://127.0.0.1:8099/file'

/** busybox has a web server; elsewhere socat answers. */
export const serve = `mkdir -p /srv/t /srv/www; printf '${text.replace('\n', '\\n')}' >/srv/www/file; ip link set lo up
if command -v socat >/dev/null;then
printf '#!/bin/sh\\nread -r _ p _\\nprintf "HTTP/1.0 200 OK\\\\r\\\\n\\\\r\\\\n"\\ncat "/srv/www$p"\\n' >/srv/www.sh; chmod 755 /srv/www.sh
systemctl is-active -q www || systemd-run -q --unit=www socat TCP-LISTEN:8099,bind=127.0.0.1,fork,reuseaddr EXEC:/srv/www.sh
for i in 1 2 3 4 5 6 7 8 9;do curl -fs ${url} >/dev/null && break; sleep 0.2;done
else pidof httpd >/dev/null || httpd -p 127.0.0.1:8099 -h /srv/www;fi`

const downloadRow: Row = {
  resource: 'download',
  cases: [
    {
      name: 'with its digest',
      prepare: serve,
      make: () => download({ url, path: '/srv/t/got', sha256, mode: '0640' }),
      drifts: [
        { by: 'chmod 600 /srv/t/got', sees: [{ field: 'mode', before: '0600', after: '0640' }] },
        {
          by: 'printf x >/srv/t/got',
          sees: [
            {
              field: 'content',
              before: `sha256 ${createHash('sha256').update('x').digest('hex')}`,
              after: `sha256 ${sha256}`,
            },
          ],
        },
      ],
      undo: () => absent({ path: '/srv/t/got' }),
      reset,
      hostile: {
        url: {
          make: (value) => download({ url: `http://127.0.0.1:8099/${value}`, path: '/srv/t/got', sha256 }),
          values: hostileTexts,
          // There is no such file on the server, or it has another content.
          refusal: /could not fetch|curl:|has the sha256/,
        },
        sha256: { make: (value) => download({ url, path: '/srv/t/got', sha256: value }), values: hostileTexts },
      },
    },
    {
      name: 'without a digest',
      prepare: serve,
      make: () => download({ url, path: '/srv/t/got', checksum: 'none' }),
      reset,
    },
  ],
}

export const sourcedRows: readonly Row[] = [templateRow, downloadRow]
