import { TsplayError } from '../../../runner/model/errors.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { unknown, unknownReason } from '../../../runner/model/unknown.ts'
import { iniValues, type IniValuesOptions } from '../../../tasks/files/values/ini-values.ts'
import { jsonValues, type JsonValuesOptions } from '../../../tasks/files/values/json-values.ts'
import { tomlValues, type TomlValuesOptions } from '../../../tasks/files/values/toml-values.ts'
import { yamlValues, type YamlValuesOptions } from '../../../tasks/files/values/yaml-values.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { bound } from './trial.ts'

/** What becomes of a text; and nothing more does the second time. */
function edited(text: string, resource: Resource): string {
  const edit = bound(resource).options as { edit(text: string): unknown }
  const once = String(edit.edit(text))
  assert.is(String(edit.edit(once)), once, 'the second time')
  return once
}

type Row<Options> = readonly [what: string, text: string, options: Omit<Options, 'path'>, result: string | RegExp]

function table<Options extends { readonly path: string }>(
  name: string,
  make: (options: Options) => Resource,
  rows: readonly Row<Options>[],
): void {
  suite(`${name}, of a text`, (test) => {
    for (const [what, text, options, result] of rows) {
      test(what, () => {
        const run = () => edited(text, make({ path: '/x', ...options } as Options))
        if (typeof result === 'string') return assert.is(run(), result)
        assert.throws(run, (error: Error) => error instanceof TsplayError && result.test(error.message))
      })
    }
  })
}

table<IniValuesOptions>('iniValues', iniValues, [
  ['sets a key in the layout of its file', '[a]\nx=1\n', { set: { a: { x: 2, y: 3 } } }, '[a]\nx=2\ny=3\n'],
  ['takes over indentation', '[a]\n\tx = 1\n[b]\n', { set: { a: { y: 2 } } }, '[a]\n\tx = 1\n\ty = 2\n[b]\n'],
  ['makes a section', 'x = 1\n', { set: { b: { y: true } } }, 'x = 1\n\n[b]\ny = true\n'],
  ['makes the first section', '', { set: { b: { y: 'z' } } }, '[b]\ny = z\n'],
  ['sets what stands before the first section', '[a]\nx = 1\n', { set: { '': { y: 2 } } }, 'y = 2\n[a]\nx = 1\n'],
  [
    'puts a key below the one commented out',
    '[a]\n#x = 1\ny = 2\n',
    { set: { a: { x: 3 } } },
    '[a]\n#x = 1\nx = 3\ny = 2\n',
  ],
  [
    'leaves a blank line before the next section',
    '[a]\nx=1\n\n[b]\n',
    { set: { a: { y: 1 } } },
    '[a]\nx=1\ny=1\n\n[b]\n',
  ],
  ['makes several of a key one', '[a]\nx=1\nx=2\n', { set: { a: { x: 3 } } }, '[a]\nx=3\n'],
  ['has a key several times', '[a]\nx=1\ny=0\n', { set: { a: { x: ['', '1', '2'] } } }, '[a]\nx=\nx=1\nx=2\ny=0\n'],
  ['has a key without value', '[a]\n', { set: { a: { flag: null } } }, '[a]\nflag\n'],
  [
    'replaces a value of several lines',
    '[a]\nx =\n    1\n    2\ny = 3\n',
    { set: { a: { x: 4 } } },
    '[a]\nx = 4\ny = 3\n',
  ],
  [
    'replaces a value that goes on after backslashes',
    '[a]\nx = 1 \\\n2\ny=3\n',
    { set: { a: { x: 4 } } },
    '[a]\nx = 4\ny=3\n',
  ],
  [
    'finds a section that is there twice',
    '[a]\nx=1\n[b]\n[a]\ny=1\n',
    { set: { a: { x: 2, z: 3 } } },
    '[a]\nx=2\n[b]\n[a]\ny=1\nz=3\n',
  ],
  ['keeps CR LF', '[a]\r\nx=1\r\n', { set: { a: { y: 2 } } }, '[a]\r\nx=1\r\ny=2\r\n'],
  ['keeps what is right, to the byte', ' [a] ; why\n x:  1\n', { set: { a: { x: 1 } } }, ' [a] ; why\n x:  1\n'],
  ['removes a key', '[a]\nx=1\ny=2\n', { remove: [['a', 'x']] }, '[a]\ny=2\n'],
  ['removes a section', '[a]\nx=1\n\n[b]\ny=2\n', { remove: [['b']] }, '[a]\nx=1\n'],
  ['does not mind what is not there', '[a]\nx=1', { remove: [['b'], ['a', 'y'], ['', 'x']] }, '[a]\nx=1'],
  ['refuses values of two lines', '', { set: { a: { x: '1\n[b]' } } }, /one line of text/],
  [
    'refuses to set and remove one thing',
    '',
    { set: { a: { x: 1 } }, remove: [['a']] },
    /a is to be set and to be removed/,
  ],
])

table<JsonValuesOptions>('jsonValues', jsonValues, [
  ['refuses what is nested without end', '['.repeat(20_000), { set: { a: 2 } }, /nested too deeply/],
  ['sets a value and keeps comments', '{ // c\n  "a": 1 }\n', { set: { a: 2 } }, '{ // c\n  "a": 2 }\n'],
  ['indents as the file does', '{\n    "a": 1\n}\n', { set: { b: 'x' } }, '{\n    "a": 1,\n    "b": "x"\n}\n'],
  [
    'makes what is missing',
    '{}\n',
    { set: { a: { 'b.c': [1] } } },
    '{\n  "a": {\n    "b.c": [\n      1\n    ]\n  }\n}\n',
  ],
  ['begins a file', '', { set: { a: 1 } }, '{\n  "a": 1\n}\n'],
  ['sets an item of a list, and one after its last', '{"a":[1,2]}', { set: { a: { 0: 3, 2: 4 } } }, '{"a":[3,2, 4]}'],
  [
    'leaves what is beside it as it is laid out',
    '{\n\t"a": {"b": 1},\n\t"l": [1, 2]\n}\n',
    { set: { a: { c: { d: 2 } }, n: { x: [] } } },
    '{\n\t"a": {"b": 1, "c": {"d":2}},\n\t"l": [1, 2],\n\t"n": {\n\t\t"x": []\n\t}\n}\n',
  ],
  [
    'fills what is empty',
    '{\n  "a": {}, // c\n}\n',
    { set: { a: { b: 1 } } },
    '{\n  "a": {\n    "b": 1\n  }, // c\n}\n',
  ],
  ['removes the only one', '{\n  "a": {\n    "b": 1\n  }\n}\n', { remove: [['a', 'b']] }, '{\n  "a": {}\n}\n'],
  ['removes, and keeps comments', '{\n  // c\n  "a": 1, // d\n}\n', { remove: [['a']] }, '{\n  // c\n   // d\n}\n'],
  ['removes', '{\n  "a": 1,\n  "b": 2\n}\n', { remove: [['a'], ['c', 'd']] }, '{\n  "b": 2\n}\n'],
  [
    'refuses to guess what is to become of a text',
    '{"a":"x"}',
    { set: { a: { b: 1 } } },
    /a is a single value in the file/,
  ],
  [
    'refuses to leave a gap in a list',
    '{"a":[]}',
    { set: { a: { 1: 1 } } },
    /a is a list in the file, and has no place for 1/,
  ],
  ['says where a file is broken', '{\n  "a": }\n', { set: { a: 1 } }, /no JSON: ValueExpected at line 2, column 8/],
])

table<TomlValuesOptions>('tomlValues', tomlValues, [
  ['refuses what is nested without end', `a = ${'['.repeat(20_000)}`, { set: { a: 2 } }, /is no TOML/],
  [
    'sets values and keeps comments',
    '# c\na = 1 # d\n[t]\nx = 0xff\n',
    { set: { a: 2, t: { y: 'z' } } },
    '# c\na = 2 # d\n[t]\nx = 0xff\ny = "z"\n',
  ],
  ['begins a file', '', { set: { a: { b: true } } }, '[a]\nb = true\n'],
  [
    'leaves dates and large numbers alone',
    'd = 1979-05-27\nn = 9223372036854775807\na = 1\n',
    { set: { a: 2 } },
    'd = 1979-05-27\nn = 9223372036854775807\na = 2\n',
  ],
  ['removes', 'a = 1\nb = 2\n', { remove: [['a'], ['c', 'd']] }, 'b = 2\n'],
  ['sets an item of a list of tables', '[[u]]\nn = 1\n', { set: { u: { 0: { m: 2 } } } }, '[[u]]\nn = 1\nm = 2\n'],
  ['refuses null', '', { set: { a: null as never } }, /TOML has no null/],
  ['says where a file is broken', 'a = \n', { set: { a: 1 } }, /no TOML: .*1/s],
])

const yaml = `# head
a:   1   # one

b:
    - x
    -   y   # two
    # tail
empty:
text: |
   three blanks
   more

flow: {a: 1,   b: 2}
mode: 0644
list:
- a: 1
  b: 2
`
const yamlWith = (from: string, to: string) => yaml.replace(from, to)

table<YamlValuesOptions>('yamlValues', yamlValues, [
  ['sets a value where it stands', yaml, { set: { a: 2 } }, yamlWith('a:   1   #', 'a:   2   #')],
  ['leaves what is right', yaml, { set: { a: 1, b: ['x', 'y'], flow: { b: 2 } } }, yaml],
  ['adds to a list before its last comment', yaml, { set: { b: { 2: 'z' } } }, yamlWith('two\n', 'two\n    - z\n')],
  [
    'makes a mapping of nothing, as deep as the others',
    yaml,
    { set: { empty: { x: { z: 1 } } } },
    yamlWith('empty:', 'empty:\n    x:\n        z: 1'),
  ],
  [
    'replaces text of several lines',
    yaml,
    { set: { text: 'one\ntwo\n' } },
    yamlWith('   three blanks\n   more', '    one\n    two'),
  ],
  [
    'stays on one line in braces',
    yaml,
    { set: { flow: { a: [1], c: 'x' } } },
    yamlWith('{a: 1,   b: 2}', '{a: [ 1 ],   b: 2, c: x}'),
  ],
  ['removes a key beside a dash', yaml, { remove: [['list', '0', 'a']] }, yamlWith('- a: 1\n  b: 2', '- b: 2')],
  ['removes from braces', yaml, { remove: [['flow', 'a']] }, yamlWith('{a: 1,   b: 2}', '{b: 2}')],
  ['removes lines', yaml, { remove: [['text'], ['no', 'such']] }, yamlWith('text: |\n   three blanks\n   more\n', '')],
  ['leaves an empty mapping where the last is taken', 'a:\n  b: 1\n', { remove: [['a', 'b']] }, 'a: {}\n'],
  ['begins a file below its comment', '# only\n', { set: { a: { b: 'c' } } }, '# only\na:\n  b: c\n'],
  ['stays before the end of a document', '---\na: 1\n...\n', { set: { b: 2 } }, '---\na: 1\nb: 2\n...\n'],
  [
    'quotes what other parsers take for something else',
    '',
    { set: { a: 'yes', b: '1:30', c: '0644', on: 'x' } },
    'a: "yes"\nb: "1:30"\nc: "0644"\n"on": x\n',
  ],
  [
    'keeps CR LF',
    'a: 1\r\nb:\r\n  c: 2\r\n',
    { set: { b: { d: { e: 1 } } } },
    'a: 1\r\nb:\r\n  c: 2\r\n  d:\r\n    e: 1\r\n',
  ],
  ['replaces a tag with its value', 'a: !vault |\n  x\nb: 1\n', { set: { a: 'z' } }, 'a: z\nb: 1\n'],
  [
    'refuses to change what an alias shares',
    'a: &x\n  k: 1\nb: *x\n',
    { set: { a: { k: 2 } } },
    /a\.k can not be changed alone/,
  ],
  ['refuses to reach through an alias', 'a: &x\n  k: 1\nb: *x\n', { set: { b: { k: 2 } } }, /b is the alias \*x/],
  ['refuses several documents', 'a: 1\n---\nb: 1\n', { set: { a: 2 } }, /holds 2 documents/],
  ['says where a file is broken', 'a: 1\nb: [\n', { set: { a: 2 } }, /no YAML: .* at line 3, column 1/],
  [
    'refuses what is nested without end',
    '\n' + '{'.repeat(20_000),
    { set: { a: 2 } },
    /200 levels deep here at line 2/,
  ],
])

suite('values in files', (test) => {
  test('a secret makes the whole content one', () => {
    const { options } = bound(yamlValues({ path: '/x', set: { a: { b: new Secret('hunter2hunter2') } } }))
    assert.instance((options as { edit(text: string): unknown }).edit(''), Secret)
  })
  test('a value that is not known yet makes a content that is not known yet', () => {
    const { options } = bound(jsonValues({ path: '/x', set: { a: [unknown<string>('made later')] } }))
    assert.is(unknownReason((options as { edit(text: string): unknown }).edit('{}')), 'made later')
  })
  test('nothing to do, values that no file can hold, and paths of none are refused', () => {
    assert.throws(() => yamlValues({ path: '/x' }), /set or remove is needed/)
    assert.throws(() => yamlValues({ path: '/x', set: { a: Number.NaN } }), /a is NaN/)
    assert.throws(() => yamlValues({ path: '/x', set: { a: (() => 1) as never } }), /a is function/)
    assert.throws(() => yamlValues({ path: '/x', remove: [[]] }), /remove is a list of paths/)
  })
  test('no item of a list is removed, since the next run would remove the next', () => {
    for (const [text, resource] of [
      ['{"a":[1,2]}', jsonValues({ path: '/x', remove: [['a', 0]] })],
      ['a: [1, 2]\n', yamlValues({ path: '/x', remove: [['a', 0]] })],
      ['a = [1, 2]\n', tomlValues({ path: '/x', remove: [['a', 0]] })],
    ] as const) {
      assert.throws(() => edited(text, resource), /a is a list in the file, and the next run would remove another item/)
    }
  })
})
