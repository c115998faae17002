import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { entryText, type ListedEntry, listedEntries } from './acl-entry.ts'
import { type AclRequest, inOrder } from './acl-list.ts'

export interface AclState {
  /** Whether setfacl and getfacl are there. */
  readonly tools: boolean
  readonly entries: readonly ListedEntry[]
  /** How many things below have another list than asked. */
  readonly otherwise: number
}

/** Options of setfacl(1) that make it so. */
export function setfaclOptions({ entries, remove, clear }: AclRequest): string {
  const list = quote(entries.map(entryText).join(','))
  return `${clear ? '-b' : ''}${entries.length === 0 ? '' : ` ${remove ? '-x' : '-m'} ${list}`}`
}

/** Everything in a directory; links are left alone, the path itself may be one. */
export const setfaclBelow = (path: string, request: AclRequest, test = ''): string =>
  `setfacl ${test}-R -P ${setfaclOptions(request)} -- ${quote(`${path}/.`)}`

/** Asks for the list of a path. For what is in it setfacl itself is asked what it would change: for what it would leave alone it says `*,*`. */
export const aclProbe = (path: string, below: AclRequest | undefined): Probe<AclState> => ({
  fact: `acl:${path}`,
  touches: [`path:${path}`, ...(below === undefined ? [] : [`path:${path}/*`])],
  script: `{
(
export LC_ALL=C
p=${quote(path)}
if command -v setfacl >/dev/null&&command -v getfacl >/dev/null;then echo tools;else exit;fi
[ -e "$p" ]||exit
getfacl -cpE -- "$p"
echo numbers
getfacl -cpEn -- "$p"
echo below
${below === undefined ? '' : `[ ! -d "$p" ]||${setfaclBelow(path, below, '--test ')}|sed 1d|grep -cE ': (u::[^ ]*|\\*,(d:u::[^ ]*)?)$'`}
)
echo end
} 2>/dev/null`,
  parse(raw) {
    const [, tools, named = '', numbered = '', count = ''] =
      /^(tools\n)?(?:([^]*)numbers\n([^]*)below\n(\d*)\n?)?end\n$/.exec(raw) ?? []
    if (!raw.endsWith('end\n')) throw unclear(`the access control list of ${path}`, raw)
    return { tools: tools !== undefined, entries: inOrder(listedEntries(named, numbered)), otherwise: Number(count) }
  },
})
