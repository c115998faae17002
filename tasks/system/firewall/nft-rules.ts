import { TsplayError } from '../../../runner/model/errors.ts'
import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { typed } from '../../../runner/model/typed-question.ts'
import type { NftObject } from './nft-objects.ts'

/** How many lines of the file stand before the table's content. */
const linesBefore = 4

/** A file that makes the table anew in one transaction, whether there is one or not. */
export const nftText = (family: string, name: string, content: string): string =>
  `# All of this table is tsplay's: what is changed here is undone by its next run.
table ${family} ${name}
delete table ${family} ${name}
table ${family} ${name} {
${content}${content.endsWith('\n') || content === '' ? '' : '\n'}}
`

/** How the kernel's table is to the one that is wanted. */
export type NftState =
  | { readonly kind: 'no nft' }
  | { readonly kind: 'same' }
  /** The table as nft lists it; `undefined` where there is none, or none is wanted. */
  | {
      readonly kind: 'differs'
      readonly live: string | undefined
      readonly wanted: string | undefined
      readonly objects: readonly NftObject[]
    }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Compares a table of the kernel with a file that is to make it. What the file makes is seen in a network of its own, which
 * ends with the question: so the kernel itself judges it, and both are listed in nft's own words. It must make that table,
 * and touch no other.
 */
export const nftProbe = typed('nftables', (family: string, name: string, text: string | null): Probe<NftState> => {
  // Made from what an earlier run has kept in a file, it must be a table all the same: nft takes a semicolon for a command's end.
  if (!/^\w+ \w+$/.test(`${family} ${name}`)) throw new TsplayError('OPTIONS', 'nftables: that names no table')
  return {
    fact: `nftables:${family}:${name}`,
    script: `PATH=$PATH:/usr/sbin:/sbin
t=${quote(`${family} ${name}`)} nl='
'
if ! command -v nft >/dev/null;then echo 'no nft'
else
live=$(nft -s list table $t 2>/dev/null)
${text === null ? 'out= wanted=' : trial(text)}
if [ "$live" = "$wanted" ];then echo same
else
[ -z "$live" ]||printf '%s\\n' "$live"|sed 's/^/l/'
[ -z "$wanted" ]||printf '%s\\n' "$out"|sed '$!s/^/w/
$s/^/j/'
echo differs
fi
fi`,
    parse: (raw) => parseNft(`nftables ${family} ${name}`, raw),
    absent: ({ kind }) => kind === 'no nft',
  }
})

/** Sets `wanted`, and `out` to that with the same as JSON in a last line; or ends with what was said. */
const trial = (
  text: string,
) => `if ! out=$(printf '%s\\n' ${quote(text)}|unshare -n sh -c ${quote(inside)} sh $t 2>&1);then
printf '%s' "$out"|head -c 2000|sed 's/^/e/';echo;echo refused
exit
fi
wanted=\${out%"$nl"*}`

/** Once the table is taken away, the other one has to be there as it was, and alone. */
const inside = `nft add table inet "$2_other"&&nft add chain inet "$2_other" c&&o=$(nft list ruleset)||exit
nft -f -||exit
nft -s list table "$1" "$2"&&nft -j list table "$1" "$2"|tr -d '\\n'&&echo&&nft delete table "$1" "$2"||exit
if [ "$(nft list ruleset)" != "$o" ];then echo 'it reaches beyond its own table';exit 1;fi`

function parseNft(what: string, raw: string): NftState {
  const lines = raw.trimEnd().split('\n')
  const kind = lines.at(-1)
  const text = (mark: string) => {
    const own = lines.filter((line) => line.startsWith(mark)).map((line) => `${line.slice(1)}\n`)
    return own.length === 0 ? undefined : own.join('')
  }
  if (kind === 'no nft') return { kind }
  if (kind === 'same') return { kind }
  if (kind === 'refused') return { kind, why: inContent(text('e') ?? '') }
  if (kind !== 'differs') throw unclear(what, raw)
  const [live, wanted] = [text('l'), text('w')].map((it) => it && withoutMembers(it))
  if (live === wanted) return { kind: 'same' }
  return { kind, live, wanted, objects: objectsIn(what, text('j')) }
}

/** nft counts the lines of the whole file. */
const inContent = (said: string) =>
  said.trim().replaceAll(/^\/dev\/stdin:(\d+):/gm, (_, line: string) => `line ${Number(line) - linesBefore}:`)

/** Rules put addresses into sets, and time takes them out: what is in such a set is no part of what was asked. */
const withoutMembers = (listing: string): string =>
  listing.replaceAll(/^\t(?:set|map) .*\{\n(?:\t\t.*\n)*?\t\}\n/gm, (set) =>
    /^\t\t(?:flags .*\b(?:dynamic|timeout)\b|timeout )/m.test(set)
      ? set.replace(/^\t\telements = \{[^}]*\}\n/m, '')
      : set,
  )

function objectsIn(what: string, json: string | undefined): readonly NftObject[] {
  if (json === undefined) return []
  try {
    return (JSON.parse(json) as { readonly nftables: readonly NftObject[] }).nftables
  } catch {
    throw unclear(what, json)
  }
}
