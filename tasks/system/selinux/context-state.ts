import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'

export type KindOfFile = 'any' | 'file' | 'directory' | 'link' | 'socket' | 'pipe' | 'block device' | 'character device'

/** How semanage(8) and file_contexts(5) write what a rule is for. */
export const kindsOfFile: Readonly<Record<KindOfFile, readonly [option: string, mark: string]>> = {
  any: ['a', ''],
  file: ['f', '--'],
  directory: ['d', '-d'],
  link: ['l', '-l'],
  socket: ['s', '-s'],
  pipe: ['p', '-p'],
  'block device': ['b', '-b'],
  'character device': ['c', '-c'],
}

export interface ContextRule {
  readonly path: string
  readonly recursive: boolean
  readonly of: KindOfFile
}

export interface ContextState {
  /** Whether there is a policy that rules could be of. */
  readonly hasPolicy: boolean
  /** Whether semanage and setfiles are there. */
  readonly hasTools: boolean
  /** The type that the host's own rule gives, and the one by the policy's rule for just the same. */
  readonly own: string | undefined
  readonly base: string | undefined
  /** How many things at the path have another type than all rules together give them. */
  readonly otherwise: number
  /** Whether some of it can't be looked at. */
  readonly isHidden: boolean
}

/** The regular expression of a rule. */
export const expressionOf = ({ path, recursive }: ContextRule): string =>
  `${path.replaceAll(/[.^$?*+|[\](){}\\]/g, '\\$&')}${recursive ? '(/.*)?' : ''}`

/** Sets `d`, the folder with the rules of the policy that is configured. A comment behind its name would be of the name. */
const rulesFolder = `d=$(sed -n 's/^[[:blank:]]*SELINUXTYPE=\\(.*[^[:blank:]]\\)[[:blank:]]*$/\\1/p' /etc/selinux/config|tail -n 1)
d=/etc/selinux/$d/contexts/files`

/**
 * Whether something has another type than the rules give, and to give it that. By setfiles, since restorecon(8) does nothing
 * where the kernel has no SELinux; it takes a directory with all in it, so a single thing is left to matchpathcon and chcon.
 * Both look at the type alone, as restorecon does unless forced: who made a file stays in its context. What can't be looked
 * at does not change the exit code of setfiles; it counts as nothing, and is told by `hidden`.
 */
const labels = {
  all: {
    count: `{ setfiles -n -v "$d/file_contexts" "$p" 2>&1||echo failed;}|
awk '/^Would relabel /{n++}/^failed$|^setfiles: .*Permission denied/{h="hidden"}END{print n+0,h}'`,
    set: 'setfiles "$d/file_contexts" "$p"',
  },
  one: {
    count: `{ matchpathcon -n "$p";stat -c %C "$p"||:;}|awk -F: '{if(NR==1)w=$3;else f=$3}END{print (w!=""&&w!=f),(NR<2?"hidden":"")}'`,
    set: 'c=$(matchpathcon -n "$p"); case $c in *:*)chcon -h -t "$(printf %s "$c"|cut -d: -f3)" "$p" 2>/dev/null||chcon -h "$c" "$p";;esac',
  },
} as const

const labelsOf = ({ recursive }: ContextRule) => (recursive ? labels.all : labels.one)

/** Shell text that makes the rule, changes it or takes it away, and then labels what is there. */
export function contextScript(rule: ContextRule, edit: string | undefined): string {
  const [letter] = kindsOfFile[rule.of]
  const semanage =
    edit === undefined ? '' : `semanage fcontext -N ${edit} -f ${letter} ${quote(expressionOf(rule))}||exit\n`
  return `${semanage}p=${quote(rule.path)}
${rulesFolder}
[ ! -e "$p" ]&&[ ! -L "$p" ]||{ ${labelsOf(rule).set};}`
}

export const contextProbe = (rule: ContextRule): Probe<ContextState> => ({
  fact: `selinux-context:${expressionOf(rule)} ${rule.of}`,
  touches: ['path:/etc/selinux/*', `path:${rule.path}`, ...(rule.recursive ? [`path:${rule.path}/*`] : [])],
  script: `{
(
export LC_ALL=C p=${quote(rule.path)} e=${quote(expressionOf(rule))} k=${quote(kindsOfFile[rule.of][1])}
${rulesFolder}
[ -e "$d/file_contexts" ]||exit
echo policy
for f in .local '';do
awk -v "w=type$f" '$1==ENVIRON["e"]&&(NF==2?"":$2)==ENVIRON["k"]{c=$NF}END{if(c!="")print w,c}' "$d/file_contexts$f"
done
command -v semanage >/dev/null&&command -v setfiles >/dev/null&&command -v matchpathcon >/dev/null||exit
echo tools
[ -e "$p" ]||[ -L "$p" ]||exit
printf 'otherwise '
${labelsOf(rule).count}
)
echo end
} 2>/dev/null`,
  parse(raw) {
    const found =
      /^(?:(policy)\n(?:type\.local (\S+)\n)?(?:type (\S+)\n)?(?:(tools)\n(?:otherwise (\d+) (hidden)?\n)?)?)?end\n$/.exec(
        raw,
      )
    if (found === null) throw unclear(`SELinux's rule for ${rule.path}`, raw)
    const [, policy, own, base, tools, otherwise = '0', hidden] = found
    return {
      hasPolicy: policy !== undefined,
      hasTools: tools !== undefined,
      own: typeIn(own),
      base: typeIn(base),
      otherwise: Number(otherwise),
      isHidden: hidden !== undefined,
    }
  },
})

/** `system_u:object_r:etc_t:s0`, or `<<none>>`: what is never labelled. */
const typeIn = (context: string | undefined) => context?.split(':')[2] ?? context
