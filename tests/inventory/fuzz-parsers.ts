import { InventoryGraph } from '../../inventory/graph.ts'
import { readGroups } from '../../inventory/group-reader.ts'
import { readIni } from '../../inventory/ini-reader.ts'
import { patternTerms } from '../../inventory/pattern-terms.ts'
import { LiteralFault, pythonLiteral } from '../../inventory/python-literal.ts'
import { SourceText } from '../../inventory/source-text.ts'
import { parseVaultText, VaultDamage } from '../../inventory/secrets/vault-text.ts'
import { readYaml } from '../../inventory/yaml-shape.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { inventories, patterns } from './ansible-cases.ts'
import { devText, plainText } from './vault-cases.ts'

/** A parser, what it is damaged from, and which errors it may end with. */
export interface FuzzedParser {
  readonly name: string
  readonly seeds: readonly string[]
  readonly read: (text: string) => unknown
  readonly mayThrow: (error: unknown) => boolean
}

const ofInventory = (error: unknown) => error instanceof TsplayError && error.code === 'INVENTORY'

const ini = [
  '[web]\nw1 a=1 b="[1, \'x\']" # c\nw[01:03:2].lan:22 c=\'{"a": None}\'\n[web:vars]\nx=1,2\ny = text # t\n',
  '[a:children]\nb\nc\n[b]\n[c]\nfd00::1\n[b:vars]\nansible_group_priority=3\n',
]

/** Every parser of what users, and other programs, write. */
export const fuzzedParsers: readonly FuzzedParser[] = [
  {
    name: 'yaml',
    seeds: inventories.flatMap((one) => Object.values(one)),
    read(text) {
      const root = readYaml(new SourceText('x.yaml', text))
      if (root) readGroups(root, new InventoryGraph({ file: 'x.yaml' }))
    },
    mayThrow: ofInventory,
  },
  {
    name: 'ini',
    seeds: ini,
    read: (text) => readIni(new SourceText('x.ini', text), new InventoryGraph({ file: 'x.ini' })),
    mayThrow: ofInventory,
  },
  {
    name: 'literal',
    seeds: ["{'a': [1, -2.5e3, None], 'b': (True,)}", "'a\\x41' r'\\d'", '80,443', '0x1f', '"""x"""'],
    read: pythonLiteral,
    mayThrow: (error) => error instanceof LiteralFault,
  },
  { name: 'pattern', seeds: patterns, read: patternTerms, mayThrow: () => false },
  {
    name: 'vault',
    seeds: [plainText, devText],
    read: parseVaultText,
    mayThrow: (error) => error instanceof VaultDamage,
  },
]

/** What costs more than linear time where a parser is careless: of a size, and of twice that. */
export const long: Readonly<Record<string, (size: number) => string>> = {
  brackets: (size) => '['.repeat(size),
  braces: (size) => '{'.repeat(size),
  quotes: (size) => `h a="${'\\"'.repeat(size)}`,
  commas: (size) => `x=${','.repeat(size)}`,
  numbers: (size) => `[${'1,'.repeat(size)}`,
  digits: (size) => '1_'.repeat(size),
  strings: (size) => "'a' ".repeat(size),
  dots: (size) => 'a.'.repeat(size),
  dashes: (size) => `${'a-'.repeat(size)}:`,
  spaces: (size) => `a${' '.repeat(size)}b`,
  colons: (size) => 'a:'.repeat(size),
  hex: (size) => `$ANSIBLE_VAULT;1.1;AES256\n${'36'.repeat(size)}`,
}
