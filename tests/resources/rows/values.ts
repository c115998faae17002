import { Secret } from '../../../runner/model/secret.ts'
import { iniValues } from '../../../tasks/files/values/ini-values.ts'
import { jsonValues } from '../../../tasks/files/values/json-values.ts'
import { tomlValues } from '../../../tasks/files/values/toml-values.ts'
import { yamlValues } from '../../../tasks/files/values/yaml-values.ts'
import { hostileTexts } from '../hostile.ts'
import type { Drift, Row } from '../row.ts'

const path = '/srv/t/f'
const reset = 'rm -rf /srv/t'

/** A file of that content. */
const holds = (text: string) => `mkdir -p /srv/t;cat >${path} <<'END'\n${text}END\nchmod 644 ${path}`

/** Somebody sets another port, and other rights. */
const drifts = (edited: string, wanted: string): Drift[] => [
  { by: holds(edited), sees: [{ field: 'content', before: edited, after: wanted, text: true }] },
  { by: `chmod 600 ${path}`, sees: [{ field: 'mode', before: '0600', after: '0644' }] },
]

const iniText = '; what it is\n[server]\n# port = 80\nname = a\n\n[log]\nlevel=info\n'
const iniWith = (port: string) => iniText.replace('# port = 80\n', `# port = 80\nport = ${port}\n`)

const iniRow: Row = {
  resource: 'iniValues',
  cases: [
    {
      name: 'keys in sections',
      prepare: holds(iniText),
      make: () => iniValues({ path, set: { server: { port: 8080 } }, mode: '0644' }),
      drifts: drifts(iniWith('81'), iniWith('8080')),
      undo: () => iniValues({ path, remove: [['server', 'port']] }),
      reset,
      hostile: {
        value: {
          make: (value) => iniValues({ path, set: { server: { port: value } } }),
          values: hostileTexts,
          reads: () => `sed -n 's/^port = \\{0,1\\}//p' ${path}`,
          gives: (value) => `${value}\n`,
          reset: holds(iniText),
        },
        key: { make: (key) => iniValues({ path, set: { server: { [key]: 'x' } } }), values: hostileTexts },
        section: { make: (name) => iniValues({ path, set: { [name]: { key: 'x' } } }), values: hostileTexts },
      },
    },
  ],
}

const jsonText = '{\n  // why\n  "server": { "port": 80 },\n  "list": [1, 2]\n}\n'

const jsonRow: Row = {
  resource: 'jsonValues',
  cases: [
    {
      name: 'beside a comment',
      prepare: holds(jsonText),
      make: () => jsonValues({ path, set: { server: { port: 8080 }, list: { 1: 3 } }, mode: '0644' }),
      drifts: drifts(jsonText.replace('80', '81').replace('2', '3'), jsonText.replace('80', '8080').replace('2', '3')),
      reset,
    },
    {
      name: 'a new value, taken back',
      prepare: holds(jsonText),
      make: () => jsonValues({ path, set: { added: { deep: [null, true, 'x'] } } }),
      undo: () => jsonValues({ path, remove: [['added']] }),
      reset,
      hostile: {
        value: {
          make: (value) => jsonValues({ path, set: { server: { [`k${value}`]: value } } }),
          values: hostileTexts,
          reset: holds(jsonText),
        },
      },
    },
    {
      name: 'a new file with a secret',
      prepare: 'mkdir -p /srv/t',
      make: () => jsonValues({ path, create: true, set: { token: new Secret('hunter2hunter2') }, mode: '0600' }),
      reset,
    },
  ],
}

const tomlText = '# what it is\n[server]\nport = 80 # the port\nlist = [ "a", "b" ]\n'

const tomlRow: Row = {
  resource: 'tomlValues',
  cases: [
    {
      name: 'beside a comment',
      prepare: holds(tomlText),
      make: () => tomlValues({ path, set: { server: { port: 8080 } }, mode: '0644' }),
      drifts: drifts(tomlText.replace('80', '81'), tomlText.replace('80', '8080')),
      reset,
    },
    {
      name: 'a new table, taken back',
      prepare: holds(tomlText),
      make: () => tomlValues({ path, set: { server: { log: { level: 'info' } } } }),
      undo: () => tomlValues({ path, remove: [['server', 'log']] }),
      reset,
      hostile: {
        value: {
          make: (value) => tomlValues({ path, set: { server: { [`k${value}`]: value } } }),
          values: hostileTexts,
          reset: holds(tomlText),
        },
      },
    },
  ],
}

const yamlText = '# what it is\nserver:\n    port:  80   # the port\n    modes: [ 0644 ]\nlist:\n- a\n'

const yamlRow: Row = {
  resource: 'yamlValues',
  cases: [
    {
      name: 'beside a comment',
      prepare: holds(yamlText),
      make: () => yamlValues({ path, set: { server: { port: 8080 } }, mode: '0644' }),
      drifts: drifts(yamlText.replace('80', '81'), yamlText.replace('80', '8080')),
      reset,
    },
    {
      name: 'a new value, taken back',
      prepare: holds(yamlText),
      make: () => yamlValues({ path, set: { server: { log: { level: 'info', to: ['a', 'b'] } } } }),
      undo: () => yamlValues({ path, remove: [['server', 'log']] }),
      reset,
      hostile: {
        value: {
          make: (value) => yamlValues({ path, set: { server: { [`k${value}`]: value }, list: { 1: value } } }),
          values: hostileTexts,
          reset: holds(yamlText),
        },
      },
    },
  ],
}

export const valueRows: readonly Row[] = [iniRow, jsonRow, tomlRow, yamlRow]
