import { block } from '../../../tasks/files/block.ts'
import { line } from '../../../tasks/files/line.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const reset = 'rm -rf /srv/t'
const prepare = 'mkdir -p /srv/t'

const lines = `${prepare};printf 'one = 1\\n# two = 2\\nthree = 3\\n' >/srv/t/f`

const lineRow: Row = {
  resource: 'line',
  cases: [
    {
      name: 'in place of one that matches',
      prepare: lines,
      make: () => line({ path: '/srv/t/f', match: /^#? ?two\b/, line: 'two = 22', mode: '0644' }),
      drifts: [
        {
          by: "sed -i 's/22/23/' /srv/t/f",
          sees: [
            {
              field: 'content',
              before: 'one = 1\ntwo = 23\nthree = 3\n',
              after: 'one = 1\ntwo = 22\nthree = 3\n',
              text: true,
            },
          ],
        },
        { by: 'chmod 600 /srv/t/f', sees: [{ field: 'mode', before: '0600', after: '0644' }] },
      ],
      reset,
    },
    {
      name: 'a new one',
      prepare: lines,
      make: () => line({ path: '/srv/t/f', line: 'four = 4', after: /^one/ }),
      undo: () => line({ path: '/srv/t/f', line: 'four = 4', state: 'absent' }),
      reset,
      hostile: {
        line: {
          make: (text) => line({ path: '/srv/t/f', line: text }),
          values: hostileTexts,
          reads: () => 'tail -n 1 /srv/t/f',
          gives: (text) => `${text}\n`,
          reset: lines,
        },
      },
    },
  ],
}

const blockRow: Row = {
  resource: 'block',
  cases: [
    {
      name: 'in a file',
      prepare: lines,
      make: () => block({ path: '/srv/t/f', name: 'mine', block: 'a\nb\n' }),
      undo: () => block({ path: '/srv/t/f', name: 'mine', state: 'absent' }),
      drifts: [
        {
          by: "sed -i 's/^a$/c/' /srv/t/f",
          sees: [
            {
              field: 'content',
              before: 'one = 1\n# two = 2\nthree = 3\n# BEGIN mine\nc\nb\n# END mine\n',
              after: 'one = 1\n# two = 2\nthree = 3\n# BEGIN mine\na\nb\n# END mine\n',
              text: true,
            },
          ],
        },
      ],
      reset,
      hostile: {
        block: {
          make: (text) => block({ path: '/srv/t/f', name: 'mine', block: text }),
          values: hostileTexts,
          reads: () => "sed '1,/^# BEGIN mine$/d;/^# END mine$/,$d' /srv/t/f",
          gives: (text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`),
          reset: lines,
        },
        name: {
          make: (name) => block({ path: '/srv/t/f', name, block: 'text' }),
          values: hostileTexts.filter((text) => text.length < 1000),
          reads: () => 'sed -n 5p /srv/t/f',
          gives: () => 'text\n',
          reset: lines,
        },
      },
    },
  ],
}

export const textRows: readonly Row[] = [lineRow, blockRow]
