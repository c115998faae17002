import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { sh } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { typed } from '../../../runner/model/typed-question.ts'
import { certain, unknown } from '../../../runner/model/unknown.ts'

interface State {
  /** What is swapped to now: devices and files. */
  readonly active: readonly string[]
  readonly fstab: PathState
  /** systemd's swap units that are no mirror of /etc/fstab, and are not masked. */
  readonly units: readonly string[]
}

const fstab = '/etc/fstab'

const activeProbe = typed('swap-active', (): Probe<readonly string[]> => ({
  fact: 'swap:active',
  contained: true,
  script: '{ while read -r l;do printf "%s\\n" "$l";done </proc/swaps; } 2>/dev/null',
  parse: (raw) =>
    raw
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s/)[0] ?? '')
      .filter(Boolean),
}))

/** Where systemd looks for units, the first one that has a name wins: systemd.unit(5), "Unit File Load Path". */
const unitFolders = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
]

/**
 * Units of discovered partitions and of unit files: those of fstab go with its lines, and what is empty, as /dev/null is,
 * is masked. The folders are read and systemd is not asked: to list unit files it reads all that there are, which takes a
 * second on a node with many containers.
 */
const unitsProbe = typed('swap-units', (): Probe<readonly string[]> => ({
  fact: 'swap:units',
  contained: true,
  script: `if [ -d /run/systemd/system ];then
seen=' '
for d in ${unitFolders.join(' ')};do
for f in "$d"/*.swap;do
u=\${f##*/}
case "$seen$f" in *" $u "*|*'*.swap')continue;;esac
seen="$seen$u "
if [ -s "$f" ]&&! { [ "$d" = /run/systemd/generator ]&&grep -q '^SourcePath=/etc/fstab' "$f";};then printf '%s\\n' "$u";fi
done
done
fi`,
  parse: (raw) => raw.split('\n').filter((line) => /^\S+\.swap$/.test(line)),
}))

const isSwapLine = (line: string) => /^\s*[^#\s]\S*\s+\S+\s+swap\s/.test(`${line} `)

function fstabText({ fstab: found }: State): string | undefined {
  const file = resolved(certain(found))
  if (file.kind !== 'file') return undefined
  if (file.content !== undefined) return file.content
  throw new TsplayError('COMMAND', `${fstab} can not be read as text`)
}

const withoutSwap = (text: string) =>
  text
    .split('\n')
    .map((line) => (isSwapLine(line) ? `# ${line}` : line))
    .join('\n')

/**
 * systemd masks by a link in the place of a unit file: one that is there itself is kept beside it first, and is where it was
 * until the link takes its place.
 */
const maskScript = (units: readonly string[]) =>
  sh`for u in ${units};do
f=/etc/systemd/system/$u
if [ -e "$f" ]&&[ ! -L "$f" ];then
[ "$f" -ef "$f.off" ]||ln -f -- "$f" "$f.off"||cp -p -- "$f" "$f.off"||exit 1
ln -sf /dev/null "$f.mask"&&mv -f -- "$f.mask" "$f"||exit 1
fi
done
systemctl mask -- ${units}`

const definition = resource<object, State, object>({
  kind: 'swap',
  id: () => 'off',
  probes: () => ({ active: activeProbe(), fstab: pathProbe(fstab, { content: 'always' }), units: unitsProbe() }),
  diff(_, state): Change[] {
    const text = fstabText(state)
    const active = certain(state.active)
    const units = certain(state.units)
    return [
      ...(active.length > 0 ? [{ field: 'swap', before: active, after: [] }] : []),
      ...(text !== undefined && withoutSwap(text) !== text
        ? [{ field: 'at boot', before: text, after: withoutSwap(text), text: true } as const]
        : []),
      ...(units.length > 0 ? [{ field: 'units', before: units, after: 'masked' }] : []),
    ]
  },
  apply(_, changes, state) {
    const differs = (field: string) => changes.some((change) => change.field === field)
    return [
      ...(differs('at boot') ? [{ upload: withoutSwap(fstabText(state) ?? ''), to: fstab }] : []),
      ...(differs('units') ? [{ script: maskScript(state.units) }] : []),
      ...(differs('swap')
        ? [{ script: 'swapoff -a', hint: 'Is there enough free memory to take in what is swapped out?' }]
        : []),
    ]
  },
  after(_, state) {
    const text = fstabText(state)
    const file = resolved(state.fstab)
    if (text === undefined || file.kind !== 'file' || withoutSwap(text) === text)
      return { ...state, active: [], units: [] }
    const content = withoutSwap(text)
    return {
      active: [],
      units: [],
      fstab: { ...file, content, size: Buffer.byteLength(content), sha256: unknown<string>('it is edited') },
    }
  },
  out: () => ({}),
})

/**
 * No swap, now and at boot: lines of /etc/fstab become comments, and systemd's other swap units are masked; the file of
 * one in /etc/systemd/system is kept as NAME.swap.off.
 * @example
 * await host.ensure(swapOff())
 */
export const swapOff = (): Resource => definition({})
