import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { absolutePath } from './path-state.ts'
import { unclear } from './unclear.ts'

/** What is mounted somewhere: the uppermost, where there are several. */
export interface MountState {
  /** `ext4`, `tmpfs`, `nfs4` … */
  readonly type: string
  /** As the kernel names it: a device, `tmpfs`, `server:/export`. */
  readonly source: string
  /** Options of the mount and of its file system, sorted. */
  readonly options: readonly string[]
  /** Whether it is what was asked about: the same device, or for a bind mount the same directory. */
  readonly fromSource: boolean
}

/** The fact's id of a mount point. */
export const mountFact = (path: string): string => `mount:${absolutePath(path)}`

/** Text as fstab(5) and mountinfo have it: blanks, backslashes and `#` in octal. */
export const mountText = (text: string): string =>
  text.replaceAll(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** {@link mountText} undone. */
export const plainMountText = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

export interface MountProbeOptions {
  /** What is to be mounted: a device, `UUID=…`, `LABEL=…`, a directory for a bind mount, or a name. */
  readonly source: string
  readonly bind: boolean
}

/**
 * Asks what is mounted at a path, by /proc/self/mountinfo (proc(5)); `undefined` where nothing is. No process on the
 * host, or one where the source is a device.
 */
export const mountProbe = (path: string, { source, bind }: MountProbeOptions): Probe<MountState | undefined> => {
  const at = quote(absolutePath(path))
  const shown = mountText(absolutePath(path))
  // Not every kernel writes `#` in octal.
  const names = [...new Set([shown, shown.replaceAll('\\043', '#')])].map(quote)
  return {
    fact: mountFact(path),
    script: `{
while read -r _ _ _ _ m o;do case $m in ${names.join('|')})l=$o;;esac;done </proc/self/mountinfo
if [ "$l" ];then printf 'mount %s\\n' "$l"
${bind ? `if [ ${quote(source)} -ef ${at} ];then echo same;fi` : resolve(source)}
fi
echo end
} 2>/dev/null`,
    parse: (raw) => parseMount(path, source, raw),
    absent: (answer) => answer === undefined,
  }
}

/** The device that a name stands for. */
function resolve(source: string): string {
  if (/^(?:UUID|LABEL|PARTUUID|PARTLABEL)=/.test(source)) return `printf 'device %s\\n' "$(findfs ${quote(source)})"`
  return source.startsWith('/') ? `printf 'device %s\\n' "$(readlink -f ${quote(source)})"` : ''
}

function parseMount(path: string, source: string, raw: string): MountState | undefined {
  if (!raw.endsWith('end\n')) {
    throw unclear(`mount ${path}`, raw)
  }
  const line = /^mount (.*)$/m.exec(raw)?.[1]
  if (line === undefined) return undefined
  // `OPTIONS [TAG …] - TYPE SOURCE SUPER-OPTIONS`
  const [before = '', after = ''] = line.split(' - ')
  const [type = '', named = '', superOptions = ''] = after.split(' ')
  const options = [...(before.split(' ')[0] ?? '').split(','), ...superOptions.split(',')]
  const device = /^device (.+)$/m.exec(raw)?.[1]
  const mounted = plainMountText(named)
  return {
    type,
    source: mounted,
    options: [...new Set(options)].filter((option) => option !== '').toSorted(),
    fromSource: raw.includes('\nsame\n') || mounted === source || (device !== undefined && mounted === device),
  }
}
