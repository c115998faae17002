import type { CollectionTag, ScalarTag } from 'yaml'
import { isAgeText } from './secrets/age/age-text.ts'
import { SecretSource } from './secrets/secret-source.ts'
import type { SourceKind } from './secrets/secret-source.ts'

/** What `!age` before any other text is. */
export const notYetEncrypted = 'this value is to be encrypted with age, and is not yet'

/**
 * Plain scalars as Ansible reads them (YAML 1.1 of PyYAML), so that one file means the same to both: `yes` and `off`
 * are booleans, `0644` is octal, `22:22` is 1342. Dates stay text, and so do numbers with an exponent but no point
 * (`1e3`), which PyYAML leaves alone too.
 */
export const scalarTags: ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:null', default: true, test: /^(?:~|null|Null|NULL)?$/, resolve: () => null },
  bool(/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, true),
  bool(/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, false),
  integer(/^[-+]?(?:0|[1-9][0-9_]*)$/, 10, 0),
  integer(/^[-+]?0[0-7_]+$/, 8, 1),
  integer(/^[-+]?0x[0-9a-fA-F_]+$/, 16, 2),
  integer(/^[-+]?0b[01_]+$/, 2, 2),
  base60('int', /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/),
  base60('float', /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/),
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/,
    resolve: (text) => Number(text.replaceAll('_', '')),
  },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    resolve: (text) => (/nan/i.test(text) ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity),
  },
  // As a tag, before a text that is none by itself.
  { tag: 'tag:yaml.org,2002:float', resolve: (text) => Number(text.replaceAll('_', '')) },
  // Kept as text: what reads the variable says that it can't be used.
  { tag: '!vault', resolve: (text) => text },
  {
    tag: '!age',
    resolve(text, onError) {
      if (!isAgeText(text)) onError(notYetEncrypted)
      return text
    },
  },
  { tag: '!unsafe', resolve: (text) => text },
  source('env'),
  source('command'),
  source('prompt'),
]

function source(kind: SourceKind): ScalarTag {
  return {
    tag: `!${kind}`,
    resolve(text, onError) {
      if (text.trim() === '') onError(`what stands after !${kind} is empty`)
      return new SecretSource(kind, text.trim())
    },
  }
}

function bool(test: RegExp, value: boolean): ScalarTag {
  return { tag: 'tag:yaml.org,2002:bool', default: true, test, resolve: () => value }
}

function integer(test: RegExp, radix: number, prefix: number): ScalarTag {
  return {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test,
    resolve: (text) => {
      const digits = text.replaceAll(/[-+_]/g, '').slice(prefix)
      const value = digits === '' ? 0 : parseInt(digits, radix)
      return text.startsWith('-') ? -value : value
    },
  }
}

/** Hours, minutes and seconds, as YAML 1.1 has them: `1:30` is 90. */
function base60(kind: 'int' | 'float', test: RegExp): ScalarTag {
  return {
    tag: `tag:yaml.org,2002:${kind}`,
    default: true,
    test,
    resolve(text) {
      const parts = text.replaceAll(/[-+_]/g, '').split(':').map(Number)
      const value = parts.reduce((sum, part) => sum * 60 + part, 0)
      return text.startsWith('-') ? -value : value
    },
  }
}

/** `!unsafe` before a list or a mapping: of all that is in it. */
export const collectionTags: CollectionTag[] = [
  { tag: '!unsafe', collection: 'map', resolve: (map) => map },
  { tag: '!unsafe', collection: 'seq', resolve: (seq) => seq },
]

/** What any but text begins with. */
const notText = /^[-+.~0-9nNtTyYfFoO]|^$/

/** A plain scalar as the tags above read it. */
export function plainScalar(text: string): unknown {
  if (!notText.test(text)) return text
  for (const tag of scalarTags) {
    if (tag.default === true && tag.test?.test(text)) return tag.resolve(text, () => {}, {})
  }
  return text
}
