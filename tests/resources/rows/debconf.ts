import { Secret } from '../../../runner/model/secret.ts'
import { debconf } from '../../../tasks/packages/debconf.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const byHand = (line: string) => `echo '${line}' | debconf-set-selections`
const reset = `for q in tsplay-t/kind tsplay-t/ask tsplay-t/password;do if command -v debconf-communicate >/dev/null;then echo "UNREGISTER $q" | debconf-communicate tsplay-t >/dev/null 2>&1;fi;done; true`
const kind = (value: string) => ({ 'tsplay-t/kind': { type: 'string', value } }) as const

export const debconfRow: Row = {
  resource: 'debconf',
  cases: [
    {
      name: 'answers of several types, one of them secret',
      make: () =>
        debconf({
          package: 'tsplay-t',
          answers: {
            ...kind('Local only'),
            'tsplay-t/ask': { type: 'boolean', value: false },
            'tsplay-t/password': { type: 'password', value: new Secret('hunter2hunter2') },
          },
        }),
      drifts: [
        {
          by: byHand('tsplay-t tsplay-t/kind string Internet'),
          sees: [{ field: 'tsplay-t/kind', before: 'Internet', after: 'Local only' }],
        },
        {
          by: byHand('tsplay-t tsplay-t/kind seen false'),
          sees: [{ field: 'tsplay-t/kind', before: 'Local only (a default)', after: 'Local only' }],
        },
        {
          by: byHand('tsplay-t tsplay-t/password password other'),
          sees: [{ field: 'tsplay-t/password', before: undefined, after: undefined, restricted: true }],
        },
      ],
      not: { e: 'answers are forgotten when the package is purged' },
      reset,
      hostile: {
        package: { make: (name) => debconf({ package: name, answers: kind('x') }), values: hostileTexts },
        question: {
          make: (name) => debconf({ package: 'tsplay-t', answers: { [name]: { type: 'string', value: 'x' } } }),
          values: hostileTexts,
        },
        value: {
          make: (value) => debconf({ package: 'tsplay-t', answers: kind(value) }),
          values: hostileTexts,
          reads: () => 'echo "GET tsplay-t/kind" | debconf-communicate tsplay-t',
          gives: (value) => `0 ${value}\n`,
        },
      },
      refusedOn: { busybox: /there is no debconf on this host/ },
    },
  ],
}
