import type { Change } from '../../runner/model/change.ts'
import { absolutePath } from '../../runner/model/facts-of/path-state.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { certain } from '../../runner/model/unknown.ts'
import { wantedOwnership } from './ownership.ts'

/** Who may do what with all that is in a directory. Links are not followed, what is mounted below is left alone. */
export interface TreeOwnershipOptions {
  /** A user's name, or a uid. */
  readonly owner?: string | number
  /** A group's name, or a gid. */
  readonly group?: string | number
  /** Of every file: four octal digits in a string. */
  readonly fileMode?: string
  /** Of every directory below. */
  readonly directoryMode?: string
}

const fields = ['owner', 'group', 'fileMode', 'directoryMode'] as const

type Field = (typeof fields)[number]

/** The same, checked, and as text. */
export type WantedTree = Readonly<Partial<Record<Field, string>>>

/** How many things in a directory are otherwise than asked, by what differs. */
export type TreeState = Readonly<Record<Field, number>>

export const nothingInside: TreeState = { owner: 0, group: 0, fileMode: 0, directoryMode: 0 }

/** Checks the options. Throws `TsplayError('OPTIONS')`. */
export function wantedTree(what: string, options: TreeOwnershipOptions): WantedTree {
  const { owner, group, fileMode, directoryMode } = options
  const { mode: files, ...names } = wantedOwnership(`${what} (all in it)`, {
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(fileMode === undefined ? {} : { mode: fileMode }),
  })
  const { mode: directories } = wantedOwnership(what, directoryMode === undefined ? {} : { mode: directoryMode })
  const wanted = {
    ...names,
    ...(files === undefined ? {} : { fileMode: files }),
    ...(directories === undefined ? {} : { directoryMode: directories }),
  }
  if (Object.keys(wanted).length > 0) return wanted
  throw new TsplayError('OPTIONS', `${what}: recursive has to say an owner, a group or a mode`)
}

/** What is not as asked, as tests of find(1). A link's own mode means nothing. */
const tests: Readonly<Record<Field, (value: string) => string>> = {
  owner: (name) => `! -user ${quote(name)}`,
  group: (name) => `! -group ${quote(name)}`,
  fileMode: (mode) => `-type f ! -perm ${mode}`,
  directoryMode: (mode) => `-type d ! -perm ${mode}`,
}

const found = (path: string, test: string) =>
  `find ${quote(`${path}/.`)} -xdev ! -path ${quote(`${globless(path)}/.`)} ${test}`

/** find's patterns are those of the shell. */
const globless = (path: string) => path.replaceAll(/[*?[\\]/g, (char) => `\\${char}`)

/** Asks what in a directory is otherwise; all of it, where the host does not know the name. One look at the tree for each field. */
export const treeProbe = (path: string, wanted: WantedTree): Probe<TreeState> => ({
  fact: `tree:${absolutePath(path)}`,
  script: `if [ -d ${quote(path)} ];then
${fields
  .flatMap((field) => {
    const value = wanted[field]
    if (value === undefined) return []
    return `n=$({ ${found(path, tests[field](value))} -print0||printf '\\0'; } 2>/dev/null|tr -dc '\\0'|wc -c);echo ${field} $n`
  })
  .join('\n')}
fi`,
  parse: (raw) => ({
    ...nothingInside,
    ...Object.fromEntries([...raw.matchAll(/^(\w+) (\d+)$/gm)].map(([, field = '', count]) => [field, Number(count)])),
  }),
  touches: [`path:${absolutePath(path)}/*`],
})

/** What differs. */
export const treeChanges = (wanted: WantedTree, state: TreeState): Change[] =>
  fields.flatMap((field) => {
    if (wanted[field] === undefined) return []
    const count = certain(state[field])
    if (count === 0) return []
    return [{ field: `${names[field]} inside`, before: `${count} otherwise`, after: wanted[field] }]
  })

const names: Readonly<Record<Field, string>> = {
  owner: 'owner',
  group: 'group',
  fileMode: 'file modes',
  directoryMode: 'directory modes',
}

/** Shell text that sets what differs. Owners come before modes, since chown drops set-user-id bits. */
export const treeScript = (path: string, wanted: WantedTree): string[] =>
  fields.flatMap((field) => {
    const value = wanted[field]
    if (value === undefined) return []
    const set = { owner: 'chown -h', group: 'chgrp -h', fileMode: 'chmod', directoryMode: 'chmod' }[field]
    const word = field === 'owner' || field === 'group' ? quote(value) : `0${value}`
    return [`${found(path, tests[field](value))} -exec ${set} ${word} {} +`]
  })
