import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../../runner/model/host.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { scriptProbe } from '../../runner/model/probe.ts'
import { type Resource, resource } from '../../runner/model/resource.ts'
import { absent } from '../../tasks/files/absent.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { line } from '../../tasks/files/line.ts'
import { link } from '../../tasks/files/link.ts'
import type { Random } from '../helpers/random.ts'

/** One statement of a program, as text for people and as something to run. */
export interface Statement {
  readonly text: string
  /** Left out for what is no resource. */
  readonly resource?: Resource
  readonly act: (host: Host) => Promise<unknown>
}

const names = ['a', 'b', 'd', 'd/x', 'd/y', 'd/e', 'd/e/z', 'l'] as const
const texts = ['', 'one\n', 'two\n', 'one\ntwo\n'] as const

/** Written as a user would: it compares with `===`, and does not think of what can't be known. */
const note = resource<{ readonly path: string; readonly value: string }, { now: string }, object>({
  kind: 'note',
  id: ({ path }) => path,
  probes: ({ path }) => ({ now: scriptProbe(`note ${path}`, `cat ${path} 2>/dev/null`, (raw) => raw.trim()) }),
  diff: ({ value }, { now }) => (now === value ? [] : [{ field: 'value', before: now, after: value }]),
  apply: ({ path, value }) => [{ script: `echo ${value} > ${path}` }],
  after: ({ value }) => ({ now: value }),
  out: (_, { now }) => ({ now }),
  effects: ({ path }) => [{ fact: `path:${path}`, value: { kind: 'file' } }],
})

/** Installs two files that it does not tell of. */
const bundle = resource<{ readonly folder: string }, { there: boolean }, object>({
  kind: 'bundle',
  id: ({ folder }) => folder,
  probes: ({ folder }) => ({
    there: scriptProbe(`bundle ${folder}`, `[ -e ${folder}/.bundle ] && echo y`, (raw) => raw !== ''),
  }),
  diff: (_, { there }) => (there ? [] : [{ field: 'installed', before: false, after: true }]),
  apply: ({ folder }) => [
    { script: `cd ${folder} && { [ -e a ] || echo one > a; } && { [ -e l ] || ln -s b l; } && : > .bundle` },
  ],
  after: () => ({ there: true }),
  out: () => ({}),
  opaque: (_, changes) => changes.length > 0,
})

/** Looks at a path's kind without a word about what it does not know. */
const flag = resource<{ readonly path: string; readonly beside: string }, { at: unknown; beside: unknown }, object>({
  kind: 'flag',
  id: ({ path }) => path,
  probes: ({ path, beside }) => ({
    at: pathProbe(path, { digest: false }) as never,
    beside: pathProbe(beside, { digest: false }) as never,
  }),
  diff: (_, { at, beside }) =>
    (beside as { kind: string }).kind === 'absent' || (at as { kind: string }).kind !== 'absent'
      ? []
      : [{ field: 'flag', before: undefined, after: true }],
  apply: ({ path }) => [{ script: `: > ${path}` }],
  after: (_, state) => ({ ...state, at: { kind: 'file' } }),
  out: () => ({}),
})

/** A program of 1 to 6 statements over a few paths below a folder. */
export function randomProgram(random: Random, folder: string): readonly Statement[] {
  return Array.from({ length: 1 + random.below(6) }, () => randomStatement(random, folder))
}

function randomStatement(random: Random, folder: string): Statement {
  const name = random.pick(names)
  const path = join(folder, name)
  const other = join(folder, random.pick(names))
  const of = (text: string, it: Resource): Statement => ({ text, resource: it, act: (host) => host.ensure(it) })
  switch (random.below(11)) {
    case 0:
    case 1: {
      const content = random.pick(texts)
      const mode = ['0644', '0600', undefined][random.below(3)]
      return of(
        `file ${name} ${JSON.stringify(content)} ${mode ?? ''}`,
        file({ path, content, ...(mode ? { mode } : {}) }),
      )
    }
    case 2:
    case 3: {
      const mode = ['0755', '0700', undefined][random.below(3)]
      return of(`directory ${name} ${mode ?? ''}`, directory({ path, ...(mode ? { mode } : {}) }))
    }
    case 4: {
      const force = random.below(2) === 1
      return of(`link ${name} -> ${other} ${force ? 'force' : ''}`, link({ path, target: other, force }))
    }
    case 5:
      return of(`absent ${name}`, absent({ path }))
    case 6:
      return of(`line ${name}`, line({ path, line: 'two' }))
    case 7:
      return of(`note ${name}`, note({ path, value: random.pick(['one', 'two']) }))
    case 8:
      return of('bundle', bundle({ folder }))
    case 9:
      return of(`flag ${name} beside ${other}`, flag({ path, beside: other }))
    default:
      return {
        text: `command creates ${name}`,
        act: (host) => host.command({ creates: path })`: > ${path}`,
      }
  }
}

/** A random tree below a folder, made anew from its description. */
export function randomTree(random: Random): readonly string[] {
  return names.flatMap((name) => {
    switch (random.below(5)) {
      case 0:
        return [`file ${name} ${random.pick(texts)}`]
      case 1:
        return [`directory ${name}`]
      case 2:
        return random.below(2) === 0 ? [`link ${name} ${random.pick(['a', 'b', 'l'])}`] : []
      default:
        return []
    }
  })
}

/** Makes a tree; what has no place in it is left out. */
export async function plant(folder: string, tree: readonly string[]): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  for (const entry of tree) {
    const [kind, name = '', rest = ''] = /^(\S+) (\S+) ?([^]*)$/.exec(entry)?.slice(1) ?? []
    const path = join(folder, name)
    // A link among the parents would make two names of one file, which facts about paths know nothing of.
    if (name.includes('/') && !(await lstat(join(path, '..')).catch(() => undefined))?.isDirectory()) continue
    if (kind === 'file') await writeFile(path, rest)
    else if (kind === 'directory') await mkdir(path)
    else await symlink(join(folder, rest), path)
  }
}

/** What is below a folder, one line a thing. */
export async function snapshot(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const lines = found.map(async (entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const { mode } = await lstat(path)
    const what = entry.isSymbolicLink()
      ? `-> ${await readlink(path)}`
      : entry.isDirectory()
        ? `${(mode & 0o7777).toString(8)} directory`
        : `${(mode & 0o7777).toString(8)} ${JSON.stringify(await readFile(path, 'utf8'))}`
    return `${path} ${what}`
  })
  return (await Promise.all(lines)).toSorted()
}
