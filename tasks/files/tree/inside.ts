import { TsplayError } from '../../../runner/model/errors.ts'
import type { Ownership } from '../../../runner/model/facts-of/path-state.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { byPath } from './source.ts'

/** Something in a directory of a host. Paths are relative to it. */
export type FoundEntry = Ownership & { readonly path: string } & (
    | { readonly kind: 'file'; readonly size: number; readonly sha256: string }
    | { readonly kind: 'directory' }
    | { readonly kind: 'link'; readonly target: string; readonly toDirectory: boolean }
    | { readonly kind: 'other' }
  )

/** What was found, in the order of paths; nothing where the directory is predicted to be new. */
export type Inside = readonly FoundEntry[]

/**
 * Prints what is at the paths that it is given. A path holds `//.` where that of the directory ends, and no name of a file
 * can: so names with line ends can't be taken for others.
 */
const look = `n=$#
stat -c "s %f %u %g %s %U %G %n" -- "$@" 2>/dev/null
for f do if [ -L "$f" ];then d=;[ ! -d "$f" ]||d=/;printf "l%s %s\\n" "$d" "$f";readlink -n -- "$f";printf "\\n\\n";elif [ -f "$f" ];then set -- "$@" "$f";fi;done
shift "$n"
[ $# = 0 ]||sha256sum -- "$@"`

const library = `tree_look='${look}'
tree_at() { d=$1;shift;n=$#;for f do set -- "$@" "$p//./\${d:+$d/}$f";done;shift "$n";(eval "$tree_look"); }`

/** Longer lists of names are not sent: what is in the directory is looked at as a whole. */
const namesLimit = 30 << 10

/**
 * Asks what is in a directory: at the paths, or at all of them. Two processes on the host for each directory, and one for each link.
 */
export function insideProbe(root: string, paths: readonly string[] | 'all'): Probe<Inside> {
  const named = paths === 'all' ? '' : byDirectory(paths)
  const whole = paths === 'all' || named.length > namesLimit
  const starts =
    paths === 'all' ? ['//.'] : [...new Set(paths.map((path) => path.split('/')[0] ?? ''))].map((name) => `//./${name}`)
  const find = `find ${starts.map((start) => quote(`${root}${start}`)).join(' ')} -xdev -exec sh -c "$tree_look" sh {} + 2>/dev/null`
  return {
    // Below the directory, so that it goes with it where that is predicted to be gone.
    fact: `path:${root}/ (tree)`,
    library,
    script: `p=${quote(root)}\nif [ -d "$p" ];then\n${whole ? find : named}\nfi\necho end`,
    parse: (raw) => parseInside(root, raw),
    touches: [`path:${root}/*`],
  }
}

function byDirectory(paths: readonly string[]): string {
  const directories = new Map<string, string[]>()
  for (const path of paths) {
    const at = path.lastIndexOf('/')
    const directory = at < 0 ? '' : path.slice(0, at)
    directories.set(directory, [...(directories.get(directory) ?? []), quote(path.slice(at + 1))])
  }
  return [...directories].map(([directory, names]) => `tree_at ${quote(directory)} ${names.join(' ')}`).join('\n')
}

/** Reads what the probe's script printed. */
export function parseInside(root: string, raw: string): Inside {
  if (!/(?:^|\n)end\n$/.test(raw)) {
    throw new TsplayError('COMMAND', `${root}: what is in it could not be read whole`, {
      hint: 'a directory of more than some 50 000 files is too large for tree',
    })
  }
  const mark = `${root}//.`
  const owners = new Map<string, { readonly bits: number; readonly size: number; readonly ownership: Ownership }>()
  const links = new Map<string, { readonly target: string; readonly toDirectory: boolean }>()
  const digests = new Map<string, string>()
  for (const record of records(raw.slice(0, -'end\n'.length), mark)) {
    const stat = /^s ([0-9a-f]+) (\d+) (\d+) (\d+) (\S+) (\S+) $/.exec(record.head)
    if (stat) {
      const [, hex = '', uid = '', gid = '', size, owner = '', group = ''] = stat
      const bits = parseInt(hex, 16)
      const mode = (bits & 0o7777).toString(8).padStart(4, '0')
      const named = (name: string, id: string) => (name === 'UNKNOWN' ? id : name)
      const ownership = { mode, owner: named(owner, uid), group: named(group, gid), uid: Number(uid), gid: Number(gid) }
      owners.set(record.name, { bits, size: Number(size), ownership })
    } else if (/^l\/? $/.test(record.head)) {
      const [name = '', ...rest] = record.name.split('\n')
      links.set(name, { target: rest.join('\n').replace(/\n$/, ''), toDirectory: record.head === 'l/ ' })
    } else {
      const digest = /^\\?([0-9a-f]{64})  ?$/.exec(record.head)?.[1]
      // GNU's escapes names, and says so by a backslash before the line.
      const name = record.head.startsWith('\\')
        ? record.name.replaceAll(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : String(c)))
        : record.name
      if (digest !== undefined) digests.set(name, digest)
    }
  }
  return [...owners]
    .flatMap(([path, { bits, size, ownership }]): FoundEntry[] => {
      if (path === '') return []
      const type = bits & 0o170000
      const link = links.get(path)
      if (type === 0o120000 && link) return [{ path, kind: 'link', ...ownership, ...link }]
      if (type === 0o040000) return [{ path, kind: 'directory', ...ownership }]
      const sha256 = digests.get(path)
      if (type === 0o100000) return [{ path, kind: 'file', ...ownership, size, sha256: sha256 ?? '' }]
      return [{ path, kind: 'other', ...ownership }]
    })
    .toSorted(byPath)
}

/** Lines that name something, each with the lines after it that do not. */
function* records(text: string, mark: string): Generator<{ readonly head: string; readonly name: string }> {
  let record: { head: string; name: string } | undefined
  for (const line of text.split('\n')) {
    const at = line.indexOf(mark)
    if (at < 0) {
      if (record) record.name += `\n${line}`
      continue
    }
    if (record) yield { head: record.head, name: trimmed(record) }
    record = { head: line.slice(0, at), name: line.slice(at + mark.length).replace(/^\//, '') }
  }
  if (record) yield { head: record.head, name: trimmed(record) }
}

/** What ends the text is no line of a name's. */
const trimmed = ({ head, name }: { readonly head: string; readonly name: string }) =>
  head.startsWith('l') ? name.replace(/\n+$/, '') : name.replace(/\n$/, '')
