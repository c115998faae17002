import { quote } from '../../../runner/model/quote.ts'

/** How an archive is packed, named as its file is. */
export type ArchiveFormat = 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst' | 'tar.bz2' | 'zip'

const endings: readonly (readonly [RegExp, ArchiveFormat])[] = [
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'tar.gz'],
  [/\.(?:tar\.xz|txz)$/i, 'tar.xz'],
  [/\.(?:tar\.zst|tzst)$/i, 'tar.zst'],
  [/\.(?:tar\.bz2|tbz2?)$/i, 'tar.bz2'],
  [/\.zip$/i, 'zip'],
]

/** What the name of a file tells; `undefined` where it tells nothing. */
export const formatOf = (path: string): ArchiveFormat | undefined => endings.find(([end]) => end.test(path))?.[1]

/** The program that packs and unpacks what tar makes. */
export const compressor: Readonly<Record<Exclude<ArchiveFormat, 'zip'>, string | undefined>> = {
  tar: undefined,
  'tar.gz': 'gzip',
  'tar.xz': 'xz',
  'tar.zst': 'zstd',
  'tar.bz2': 'bzip2',
}

/** Shell text that prints `missing PROGRAM` for what the host would need to pack; busybox has an xz that only unpacks. */
export function toolCheck(format: ArchiveFormat): string {
  if (format === 'zip') return 'command -v zip >/dev/null||echo "missing zip"'
  const program = compressor[format]
  const packs = program === undefined ? '' : `echo|${program} -c >/dev/null 2>&1||echo "missing ${program}"`
  return `command -v tar >/dev/null||echo "missing tar"\n${packs}`
}

/** Shell text that unpacks the archive `$a`, as far as tar's own form. */
export const unpacked = (format: Exclude<ArchiveFormat, 'zip'>): string =>
  compressor[format] === undefined ? 'cat <"$a"' : `${compressor[format]} -dc <"$a"`

/** Shell text that succeeds where the archive `$a` can be read to its end. */
export function wholeCheck(format: ArchiveFormat): string {
  if (format === 'zip') return `if command -v unzip >/dev/null;then unzip -tqq "$a";fi`
  const program = compressor[format]
  // tar takes an archive that was cut between two files for a whole one: the end is two blocks of NUL.
  if (program === undefined) return `tar -t -f - <"$a" >/dev/null&&[ "$(tail -c 1024 <"$a"|tr -d '\\0'|wc -c)" -eq 0 ]`
  return `${program} -t <"$a"`
}

/** Shell text that prints the names in the archive `$a`, where that can be told. */
export const namesIn = (format: ArchiveFormat): string =>
  format === 'zip'
    ? 'unzip -Z1 "$a"'
    : `if tar --version 2>/dev/null|grep -q GNU;then q=--quoting-style=literal;fi;${unpacked(format)}|tar -t $q -f -`

/** A pattern of the shell as conditions of find(1): without a slash it is of names at any depth, else of whole paths. */
export function excludeTest(pattern: string): string {
  const text = pattern.replace(/^\/|\/$/g, '')
  return pattern.replace(/\/$/, '').includes('/') ? `-path ${quote(`./${text}`)}` : `-name ${quote(text)}`
}
