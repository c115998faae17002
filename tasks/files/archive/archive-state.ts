import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { type ArchiveFormat, excludeTest, namesIn, toolCheck, unpacked, wholeCheck } from './archive-format.ts'
import { recordPattern } from './archive-record.ts'

/** What is to be packed: all of it is text of options that were checked. */
export interface Packing {
  /** Absolute path of the archive. */
  readonly path: string
  readonly directory: string
  readonly entries: readonly string[]
  readonly exclude: readonly string[]
  readonly format: ArchiveFormat
}

export interface ArchiveState {
  readonly tools: { readonly missing?: string }
  /** Why nothing can be packed; `undefined` where it can. */
  readonly problem: string | undefined
  /** SHA-256 of names, types, owners, modes, link targets and contents of what is to be packed. */
  readonly digest: string
  readonly names: readonly string[]
  /** The same of what is in the archive, as it was recorded there; `undefined` where it was not. */
  readonly recorded: string | undefined
  /** Whether the archive can be read to its end. */
  readonly whole: boolean
  /** Names in the archive, where they may be others and can be told. */
  readonly packed: readonly string[] | undefined
}

/**
 * Makes `$l`, the names below the working directory, each in a line, in the order of their bytes. The archive itself,
 * and what a cut has left of one, are no part of it.
 */
export const listing = ({ path, entries, exclude }: Packing): string => {
  const skipped = ['.tsplay-archive.*', ...exclude].map(excludeTest).join(' -o ')
  const starts = entries.length === 0 ? '. -mindepth 1' : entries.map((entry) => quote(`./${entry}`)).join(' ')
  return `export LC_ALL=C;unset QUOTING_STYLE TAR_OPTIONS GZIP XZ_OPT XZ_DEFAULTS ZSTD_CLEVEL ZIPOPT
a=${quote(path)};if [ -e "$a" ];then set -- ! -samefile "$a";else set --;fi
l=$({ find ${starts} \\( ${skipped} \\) -prune -o \\( -type f -o -type d -o -type l \\) "$@" -print0 2>/dev/null||printf '\\002\\0'; }|tr '\\n\\0' '\\001\\n'|sed 's,^\\./,,'|sort -u)
each() { printf '%s\\n' "$l"|tr '\\n' '\\0'|xargs -0 "$@"; }`
}

const look = `s=$(each stat -c 's %f %n
o %u %g %N' --)&&h=$(printf '%s\\n' "$s"|sed -n 's/^s 8... //p'|{ IFS= read -r f&&{ printf '%s\\n' "$f";cat; }|tr '\\n' '\\0'|xargs -0 sha256sum --||[ ! "$f" ]; })&&m=$(printf '%s\\n' "$s" "$h"|sha256sum)||{ echo "problem some of it can not be read";exit; }
m=\${m%% *}
echo "digest $m"`

/** Asks what there is to pack, and whether the archive holds the same. Reads all of both. */
export const archiveProbe = (packing: Packing): Probe<ArchiveState> => {
  const { path, directory, entries, format } = packing
  const first = format === 'zip' ? 'tail -c 100 "$a"' : `${unpacked(format)}|head -c 1024`
  return {
    fact: `archive:${path}`,
    touches: [`path:${directory}`, `path:${directory}/*`, `path:${path}`],
    script: `{
(
d=${quote(directory)}
${toolCheck(format)}
[ -d "$d" ]||{ printf '%s\\n' "problem $d is no directory";exit; }
cd "$d"||{ printf '%s\\n' "problem $d can not be entered";exit; }
${entries.map((entry) => `[ -e ${quote(`./${entry}`)} ]||[ -L ${quote(`./${entry}`)} ]||{ printf 'problem there is no %s in %s\\n' ${quote(entry)} "$d";exit; }`).join('\n')}
${listing(packing)}
case $l in *"$(printf '\\002')"*)echo 'problem some of it can not be read';exit;;*"$(printf '\\001')"*)echo 'problem a name in it holds a line end';exit;;'')echo 'problem there is nothing to pack';exit;;esac
${look}
r=
if [ -f "$a" ];then
r=$(${first}|tr -d '\\0'|sed -n '${recordPattern}'|tail -n 1)
if ${wholeCheck(format)} >/dev/null;then echo whole;fi
if [ "$r" ];then echo "recorded $r";fi
fi
printf '%s\\n' "$l"|sed 's/^/+/'
if [ -f "$a" ]&&[ "$r" != "$m" ];then (${namesIn(format)})|sed 's,/$,,;s/^/-/';fi
)
echo end
} 2>/dev/null`,
    parse(raw) {
      if (!raw.endsWith('end\n')) throw unclear(`archive ${path}`, raw)
      const lines = raw.split('\n')
      const word = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)
      const marked = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1))
      const digest = word('digest')
      const problem = word('problem') ?? (digest === undefined ? 'what there is to pack can not be told' : undefined)
      const missing = word('missing')
      const packed = marked('-').toSorted()
      return {
        tools: missing === undefined ? {} : { missing },
        problem,
        digest: digest ?? '',
        names: marked('+'),
        recorded: word('recorded'),
        whole: lines.includes('whole'),
        packed: packed.length > 0 ? packed : undefined,
      }
    },
  }
}
