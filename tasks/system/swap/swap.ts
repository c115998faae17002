import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { absolutePath, pathFact, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { Step } from '../../../runner/model/step.ts'
import { certain, unknown } from '../../../runner/model/unknown.ts'
import { type FstabEntry, fstabPath, fstabReread, fstabText, withEntry } from '../fstab.ts'
import { ownedFileAfter } from '../owned-file.ts'
import { formatDevice, makeFile, switchOff, switchOn, tighten, unmake } from './swap-script.ts'
import { swapProbe, type SwapState } from './swap-state.ts'

export interface SwapOptions {
  /** Absolute path of a file, which is made where it is missing, or of a device below `/dev`. */
  readonly path: string
  /** Of a file, in MiB; one of another size is made anew. Needed for files, unless it is to be absent. */
  readonly sizeMib?: number
  /** 0 to 32767: what has the highest is used first. @default what the kernel gives, which is below all of these */
  readonly priority?: number
  /** Whether it is used from now on; `false` leaves that as it is until the next boot. @default true */
  readonly active?: boolean
  /** `absent`: not used, and not in fstab; a file is removed, what is on a device stays there. @default 'present' */
  readonly state?: 'present' | 'absent'
}

interface State {
  readonly swap: SwapState
  readonly file: PathState
  readonly fstab: PathState
}

const mib = 1 << 20
const isDevice = ({ path }: SwapOptions) => path.startsWith('/dev/')
const isAbsent = ({ state }: SwapOptions) => state === 'absent'
const made = (changes: readonly Change[]) => changes.some(({ field }) => ['file', 'size', 'format'].includes(field))

function textAfter(options: SwapOptions, before: string): string {
  const { path, priority } = options
  const is = ({ type, source }: FstabEntry) => type === 'swap' && source === path
  const line = priority === undefined ? 'sw' : `sw,pri=${priority}`
  const entry = { source: path, target: 'none', type: 'swap', options: line, dump: 0, pass: 0 }
  return withEntry(before, is, isAbsent(options) ? undefined : entry)
}

const definition = resource<SwapOptions, State, { readonly path: string }>({
  kind: 'swap',
  id: ({ path }) => path,
  validate: check,
  probes: ({ path }) => ({
    swap: swapProbe(path),
    file: pathProbe(path, { digest: false }),
    fstab: pathProbe(fstabPath, { content: 'always' }),
  }),
  diff(options, state): Change[] {
    const before = fstabText(state.fstab)
    const after = textAfter(options, before)
    return [
      ...placeChanges(options, state),
      ...(before === after ? [] : [{ field: 'fstab', before, after, text: true } as const]),
      ...useChanges(options, state),
    ]
  },
  apply(options, changes, { swap, fstab }): Step[] {
    const { path, sizeMib = 0, priority, active = true } = options
    const differs = (field: string) => changes.some((change) => change.field === field)
    const boot = differs('fstab') ? [{ upload: textAfter(options, fstabText(fstab)), to: fstabPath }, fstabReread] : []
    const used = swap.active !== undefined
    // What is not there must not be looked for at boot: the line goes first, and comes last.
    if (isAbsent(options))
      return [...boot, ...(used ? [switchOff(path)] : []), ...(differs('file') ? [unmake(path)] : [])]
    const anew = made(changes)
    const switched = anew || differs('active') || differs('priority')
    return [
      ...(used && switched ? [switchOff(path)] : []),
      ...(anew ? [isDevice(options) ? formatDevice(path) : makeFile(path, sizeMib)] : []),
      ...(differs('mode') ? [tighten(path)] : []),
      ...((active || used) && switched ? [switchOn(path, priority)] : []),
      ...boot,
    ]
  },
  after(options, state) {
    const before = fstabText(state.fstab)
    const text = textAfter(options, before)
    const fstab = text === before ? state.fstab : ownedFileAfter(state.fstab, text)
    const file = fileAfter(options, state)
    if (isAbsent(options))
      return { swap: { formatted: isDevice(options) && state.swap.formatted, active: undefined }, file, fstab }
    const { active = true, priority } = options
    const changes = [...placeChanges(options, state), ...useChanges(options, state)]
    const kept = !made(changes) && !changes.some(({ field }) => field === 'active' || field === 'priority')
    const used = { priority: priority ?? unknown<number>('the kernel gives it') }
    return {
      swap: { formatted: true, active: kept ? state.swap.active : active || state.swap.active ? used : undefined },
      file,
      fstab,
    }
  },
  effects(options, state) {
    return isDevice(options) ? [] : [{ fact: pathFact(options.path), value: fileAfter(options, state) }]
  },
  out: ({ path }) => ({ path }),
})

function check({ path, sizeMib, priority, state }: SwapOptions): void {
  const wrong = (message: string) => new TsplayError('OPTIONS', `swap ${path.slice(0, 80)}: ${message}`)
  if (/[\s\\\0-\x1f]/.test(path)) throw wrong('the path of a swap file holds neither blanks nor backslashes here')
  if (state === 'absent') return
  if (isDevice({ path })) {
    if (sizeMib !== undefined) throw wrong('a device has its size')
  } else if (sizeMib === undefined || !Number.isInteger(sizeMib) || sizeMib < 1 || sizeMib > 1 << 24) {
    throw wrong('sizeMib is needed: a whole number of MiB')
  }
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 32_767))
    throw wrong('priority is 0 to 32767')
}

/** What is to be made, or unmade, at its path. */
function placeChanges(options: SwapOptions, { swap, file }: State): Change[] {
  const { path, sizeMib = 0 } = options
  const found = resolved(certain(file))
  const wrong = (message: string, hint: string) => new TsplayError('COMMAND', `swap ${path}: ${message}`, { hint })
  if (isDevice(options)) {
    if (isAbsent(options)) return []
    if (found.kind !== 'other' || found.what !== 'block device')
      throw wrong('there is no such device', 'lsblk shows them')
    if (certain(swap).formatted) return []
    const { holds } = certain(swap)
    if (holds !== undefined) throw wrong(`the device holds ${holds}`, `wipefs ${path} would make an end of it`)
    return [{ field: 'format', before: undefined, after: 'swap' }]
  }
  if (found.kind !== 'absent' && found.kind !== 'file') throw wrong(`a ${found.kind} is there`, 'choose another path')
  if (isAbsent(options)) return found.kind === 'absent' ? [] : [{ field: 'file', before: path, after: undefined }]
  if (found.kind === 'absent') return [{ field: 'file', before: undefined, after: `${sizeMib} MiB` }]
  const size = certain(found.size) / mib
  if (size !== sizeMib) return [{ field: 'size', before: `${size} MiB`, after: `${sizeMib} MiB` }]
  if (!certain(swap).formatted) return [{ field: 'format', before: undefined, after: 'swap' }]
  const mode = certain(found.mode)
  return mode === '0600' ? [] : [{ field: 'mode', before: mode, after: '0600' }]
}

function useChanges(options: SwapOptions, { swap }: State): Change[] {
  const { active = true, priority } = options
  const found = certain(swap).active
  if (isAbsent(options)) return found === undefined ? [] : [{ field: 'active', before: true, after: false }]
  if (!active) return []
  if (found === undefined) return [{ field: 'active', before: false, after: true }]
  if (priority === undefined || certain(found.priority) === priority) return []
  return [{ field: 'priority', before: found.priority, after: priority }]
}

function fileAfter(options: SwapOptions, state: State): PathState {
  const { sizeMib = 0 } = options
  if (isDevice(options)) return state.file
  if (isAbsent(options)) return { kind: 'absent' }
  const changes = placeChanges(options, state)
  const found = resolved(state.file)
  if (!made(changes)) return found.kind === 'file' ? { ...found, mode: '0600' } : state.file
  const none = unknown<never>('it is that of whoever runs it')
  return { kind: 'file', mode: '0600', owner: none, group: none, uid: none, gid: none, size: sizeMib * mib }
}

/**
 * A file or a device that memory is swapped to, now and at boot. A file is made beside its place, whole and formatted, so
 * that a cut leaves no half of one; the line in `/etc/fstab` comes last, and goes first. A device that holds anything else
 * is refused. No swap at all is `swapOff`.
 *
 * That the kernel swaps to it is not tested: hosts that tests run on share one kernel, which is not theirs to change. Making,
 * formatting, fstab and removal are. On btrfs the file is made without copies on write, which is not tested either.
 * @example
 * await host.ensure(swap({ path: '/swapfile', sizeMib: 2048 }))
 * await host.ensure(swap({ path: '/dev/vdb', priority: 10 }))
 */
export const swap = (options: SwapOptions): Resource<{ readonly path: string }> =>
  definition({ ...options, path: absolutePath(options.path) })
