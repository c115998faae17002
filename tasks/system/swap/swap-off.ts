import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import type { Probe } from '../../../runner/model/probe.ts'
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
  script: 'sed 1d /proc/swaps 2>/dev/null',
  parse: (raw) =>
    raw
      .split('\n')
      .map((line) => line.split(/\s/)[0] ?? '')
      .filter(Boolean),
}))

/** Units of discovered partitions and of unit files: those of fstab go with its lines. */
const unitsProbe = typed('swap-units', (): Probe<readonly string[]> => ({
  fact: 'swap:units',
  script: `if [ -d /run/systemd/system ];then
systemctl list-unit-files --type=swap --no-legend --no-pager 2>/dev/null|while read -r u s r;do
[ "$s" = masked ]||[ -e "/run/systemd/generator/$u" ]&&grep -q '^SourcePath=/etc/fstab' "/run/systemd/generator/$u"||echo "$u"
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
      ...(differs('units') ? [{ script: `systemctl mask -- ${state.units.join(' ')}` }] : []),
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
 * No swap, now and at boot: lines of /etc/fstab become comments, and systemd's other swap units are masked.
 * @example
 * await host.ensure(swapOff())
 */
export const swapOff = (): Resource => definition({})
