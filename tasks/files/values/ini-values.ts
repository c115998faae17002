import { TsplayError } from '../../../runner/model/errors.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import type { Secret } from '../../../runner/model/secret.ts'
import { editIni, type IniEdit } from './ini-text.ts'
import { shownPath, type ValueEdit } from './value-edit.ts'
import { valuesFile, type ValuesOptions } from './values-file.ts'

/** A key's value: text as it is to stand in the file, a list for a key that is there several times, `null` for one without a value. */
export type IniValue = string | number | boolean | null | Secret<string> | readonly (string | number)[]

/** By section, then by key; the section `''` is what stands before the first. */
export type IniValues = { readonly [section: string]: { readonly [key: string]: IniValue } }

export interface IniValuesOptions extends ValuesOptions<IniValues> {
  /**
   * Paths of what is not to be there: `[['section', 'key']]`, or `[['section']]` for all of it. @default nothing
   */
  readonly remove?: readonly (readonly [section: string] | readonly [section: string, key: string])[]
}

const definition = valuesFile<IniValues>(
  'iniValues',
  (_, text, edits) => editIni(text, edits.map(iniEdit)),
  (what, edits) => {
    for (const edit of edits) checkEdit(what, edit)
  },
)

/**
 * Values in an INI file: sections of `key = value`, as systemd, git, MySQL, PHP, Samba and many others have them. Comments,
 * order and layout stay. A new key stands right below a line that has it commented out, else at the end of its section.
 * A value is all that follows `=` or `:` on its line, and on indented lines without either: nothing in it is taken for a
 * comment or for quotes. A key that is there several times is made one, unless a list is given.
 * @example
 * await host.ensure(iniValues({
 *   path: '/etc/systemd/journald.conf', set: { Journal: { SystemMaxUse: '500M' } }, remove: [['Journal', 'Storage']],
 * }), { onChange: restart('systemd-journald') })
 */
export function iniValues(options: IniValuesOptions): Resource<{ readonly path: string }> {
  return definition(options)
}

const iniEdit = ({ path: [section = '', key], ...edit }: ValueEdit): IniEdit => ({
  section,
  key,
  values: 'value' in edit ? (Array.isArray(edit.value) ? edit.value : [edit.value]).map(textOf) : [],
})

const textOf = (value: unknown): string | undefined =>
  value === null ? undefined : String(value as string | number | boolean)

function checkEdit(what: string, { path, ...edit }: ValueEdit): void {
  const [section = '', key] = path
  const refuse = (why: string) => {
    throw new TsplayError('OPTIONS', `${what}: ${shownPath(path)}: ${why}`)
  }
  if (/[\]\r\n]|^\s|\s$/.test(section))
    refuse('a section is one line of text without "]", and without blanks around it')
  if (path.length > 2) refuse('an INI file has sections and keys, and nothing deeper')
  if (key === undefined) {
    if ('value' in edit) refuse('a section holds keys: { section: { key: value } }')
    return
  }
  if (!/^[^\s=:#;[][^=:\r\n]*$/.test(key) || /\s$/.test(key)) refuse('a key is one line of text without "=" or ":"')
  for (const value of 'value' in edit ? (Array.isArray(edit.value) ? edit.value : [edit.value]) : []) {
    if (typeof value === 'object' && value !== null) refuse('a value is a text, a number, a boolean or null')
    if (/[\r\n\0]|^\s|\s$/.test(String(value))) refuse('a value is one line of text, without blanks around it')
  }
}
