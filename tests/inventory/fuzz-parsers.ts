import { armor } from 'age-encryption'
import { InventoryGraph } from '../../inventory/graph.ts'
import { readGroups } from '../../inventory/group-reader.ts'
import { readIni } from '../../inventory/ini-reader.ts'
import { patternTerms } from '../../inventory/pattern-terms.ts'
import { LiteralFault, pythonLiteral } from '../../inventory/python-literal.ts'
import { SourceText } from '../../inventory/source-text.ts'
import { isAgeText } from '../../inventory/secrets/age/age-text.ts'
import { markedValues } from '../../inventory/secrets/age/marked-values.ts'
import { parseVaultText, VaultDamage } from '../../inventory/secrets/vault-text.ts'
import { readYaml } from '../../inventory/yaml-shape.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { matchesHost, parseKnownHosts } from '../../runner/transport/ssh/known-hosts/entry.ts'
import { inventories, patterns } from './ansible-cases.ts'
import { devText, plainText } from './vault-cases.ts'

/** A parser, what it is damaged from, and which errors it may end with. */
export interface FuzzedParser {
  readonly name: string
  readonly seeds: readonly string[]
  readonly read: (text: string) => unknown
  readonly mayThrow: (error: unknown) => boolean
}

const armour = armor
  .encode(Buffer.from('age-encryption.org/v1\n-> X25519 aGVsbG8\naGVsbG8\n--- aGVsbG8\nbody'))
  .trimEnd()

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
  {
    name: 'age',
    seeds: [`a: !age |\n  ${armour.replaceAll('\n', '\n  ')}\nb: [!age "x y", !age z]\n`, armour],
    read(text) {
      if (isAgeText(text)) return armor.decode(text)
      return markedValues(new SourceText('x.yaml', text))
    },
    // The library has no errors of its own; those of JavaScript itself would be bugs.
    mayThrow: (error) => ofInventory(error) || (error instanceof Error && error.constructor === Error),
  },
  {
    name: 'known_hosts',
    seeds: [
      'web1,192.0.2.1,[web2]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPyl6vTAlzVXRHyYyhG2lE5vVVdJCNiTpDqD7dlfLrBz a comment\n',
      '@revoked *.lan,!db?.lan ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQ==\n|1|c2FsdA==|ZGlnZXN0 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n',
    ],
    read: (text) =>
      parseKnownHosts(text, 'known_hosts').map(({ hosts }) =>
        matchesHost(hosts, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'),
      ),
    mayThrow: () => false,
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
  stars: (size) => `${'a*'.repeat(size / 100)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5`,
  hex: (size) => `$ANSIBLE_VAULT;1.1;AES256\n${'36'.repeat(size)}`,
}
