import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { absolutePath, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { ScriptStep, Step } from '../../../runner/model/step.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { filesystemProbe, type FilesystemState, toolsPath } from './filesystem-state.ts'
import { filesystems, type FilesystemType } from './filesystem-type.ts'

export type { FilesystemType } from './filesystem-type.ts'

export type FilesystemOptions = {
  /** Absolute path of a block device, such as `/dev/vdb1` or `/dev/disk/by-id/…`, or of an image file; it has to be there. */
  readonly device: string
} & (
  | ({
      /** Up to 16 bytes for ext, 12 for xfs, 11 for vfat, 255 for btrfs. @default as it is */
      readonly label?: string
      /** What may be overwritten, as blkid(8) names it: `xfs`, `LVM2_member`, `gpt`. @default nothing */
      readonly replaces?: string
      /** Words for mkfs, for the case that it is made. @default none */
      readonly mkfsOptions?: readonly string[]
      /** `absent`: the marks are wiped by which it is known, which loses all that is on it; only those of `type`. @default 'present' */
      readonly state?: 'present'
    } & (
      | {
          /** The kind of file system. */
          readonly type: Exclude<FilesystemType, 'vfat'>
          /** Whether it is made as large as its device, where 8 MiB or more are to be won. @default false */
          readonly grow?: boolean
        }
      | { readonly type: 'vfat'; readonly grow?: never }
    ))
  | {
      readonly state: 'absent'
      readonly type: FilesystemType
      readonly label?: never
      readonly replaces?: never
      readonly mkfsOptions?: never
      readonly grow?: never
    }
)

interface State {
  readonly filesystem: FilesystemState
  readonly device: PathState
}

const definition = resource<FilesystemOptions, State, { readonly device: string }>({
  kind: 'filesystem',
  id: ({ device }) => device,
  validate: check,
  probes: ({ device, type }) => ({
    filesystem: filesystemProbe(device, type),
    device: pathProbe(device, { digest: false }),
  }),
  diff(options, state): Change[] {
    refuseUnfit(options, state)
    const { holds, label: found, size, spare } = state.filesystem
    const { type, label, grow } = options
    if (options.state === 'absent')
      return holds === undefined ? [] : [{ field: 'filesystem', before: type, after: undefined }]
    if (holds !== type) return [{ field: 'filesystem', before: holds, after: type }]
    return [
      ...(label === undefined || label === (found ?? '')
        ? []
        : [{ field: 'label', before: found, after: label === '' ? undefined : label }]),
      ...(grow && spare > 0 ? [{ field: 'size', before: mib(size - spare), after: mib(size) }] : []),
    ]
  },
  apply(options, changes, { filesystem }): Step[] {
    const { device, type, label = '' } = options
    const differs = (field: string) => changes.some((change) => change.field === field)
    if (options.state === 'absent') return [step(`wipefs -q -a ${quote(device)}`)]
    if (differs('filesystem')) return [step(makeScript(options, filesystem.holds))]
    const tools = filesystems[type]
    return [
      ...(differs('label') ? [step(tools.relabel(device, label))] : []),
      ...(differs('size') ? [step(tools.grow?.(device, filesystem.mounted) ?? '')] : []),
    ]
  },
  after(options, state) {
    const { filesystem } = state
    if (options.state === 'absent')
      return { ...state, filesystem: { ...filesystem, holds: undefined, label: undefined, spare: 0 } }
    const { type, label, grow } = options
    const isNew = filesystem.holds !== type
    const named = label ?? (isNew ? undefined : filesystem.label)
    return {
      ...state,
      filesystem: {
        ...filesystem,
        holds: type,
        label: named === '' ? undefined : named,
        spare: isNew || grow ? 0 : filesystem.spare,
      },
    }
  },
  out: ({ device }) => ({ device }),
})

const mib = (bytes: number) => `${Math.floor(bytes / (1 << 20))} MiB`

/** What must not stop half-way, and says much where all is well. Its last line is the reason, which mkfs gives before its usage. */
const step = (script: string): ScriptStep => ({
  script: `${toolsPath}
e=$(${script} 2>&1)||{ printf '%s\\n' "$e" >&2
case $e in *Usage:*)printf '%s' "\${e%%Usage:*}"|tail -n 1 >&2;;esac
exit 1; }`,
  onDisconnect: 'finish',
  timeoutMs: 60 * 60_000,
  hint: 'Does the play become root? Is the device in use?',
})

/** What was there goes first, with marks that the new one would leave: after a cut nothing is there. */
function makeScript({ device, type, label, mkfsOptions = [] }: FilesystemOptions, holds: string | undefined): string {
  const { force, label: flag } = filesystems[type]
  const words = [
    ...(holds === undefined ? [] : [force]),
    ...(label === undefined || label === '' ? [] : [flag, label]),
    ...mkfsOptions,
  ]
  const make = `mkfs.${type} ${[...words, device].map(quote).join(' ')}`
  return holds === undefined ? make : `wipefs -q -a ${quote(device)}&&${make}`
}

function check({ device, type, label, replaces, mkfsOptions = [] }: FilesystemOptions): void {
  const refuse = (why: string) => new TsplayError('OPTIONS', `filesystem ${device.slice(0, 200)}: ${why}`)
  if (/[\n\r]/.test(device)) throw refuse('the path of a device holds no line end')
  if (!Object.hasOwn(filesystems, certain(type))) throw refuse(`${JSON.stringify(type)} can not be made`)
  const { longest } = filesystems[type]
  if (label !== undefined && (Buffer.byteLength(certain(label)) > longest || /[\0-\x1f\x7f]|^-|^\s|\s$/.test(label)))
    throw refuse(`a label of ${type} has up to ${longest} bytes, and neither control characters nor a leading dash`)
  if (type === 'vfat' && label !== undefined && !/^[A-Z0-9 _-]*$/.test(label))
    throw refuse('a label of vfat is of capital letters, digits, blanks, _ and -')
  if (replaces !== undefined && !/^[\w.-]+$/.test(certain(replaces)))
    throw refuse(`replaces is what blkid calls it, not ${JSON.stringify(replaces.slice(0, 80))}`)
  if (mkfsOptions.some((word) => certain(word) === '' || /[\0\n\r]/.test(word)))
    throw refuse('mkfsOptions are words, none of them empty, and without line ends')
}

/** Throws where nothing may be done: before anything is. */
function refuseUnfit(options: FilesystemOptions, state: State): void {
  const { device, type, replaces, grow } = options
  const refuse = (why: string, hint: string) => new TsplayError('COMMAND', `filesystem ${device}: ${why}`, { hint })
  const found = resolved(certain(state.device))
  if (found.kind !== 'file' && !(found.kind === 'other' && found.what === 'block device'))
    throw refuse(found.kind === 'absent' ? 'there is no such device' : 'that is no device', 'lsblk shows devices')
  const { tools, mkfs, holds, mounted, usedBy, spare } = certain(state.filesystem)
  if (!tools)
    throw refuse('blkid and wipefs of util-linux are needed', 'on Alpine: install the packages blkid and wipefs')
  const isAbsent = options.state === 'absent'
  if (holds === type && !isAbsent) {
    if (grow && spare > 0 && filesystems[type].grow?.(device, mounted) === undefined)
      throw refuse(`${type} grows only where it is mounted`, 'ensure mount() first')
    return
  }
  if (isAbsent ? holds === undefined : holds === undefined && mkfs) return checkUnused(refuse, mounted, usedBy)
  const wipe = `to lose it, say so: replaces: '${holds ?? ''}'`
  if (isAbsent && holds !== type) throw refuse(`it holds ${holds}, and not ${type}`, 'name the type that is there')
  if (!isAbsent && holds !== undefined && holds !== replaces) throw refuse(`it holds ${holds}`, wipe)
  if (!isAbsent && !mkfs)
    throw refuse(`there is no mkfs.${type} on the host`, 'install e2fsprogs, xfsprogs, btrfs-progs or dosfstools')
  checkUnused(refuse, mounted, usedBy)
}

function checkUnused(
  refuse: (why: string, hint: string) => TsplayError,
  mounted: string | undefined,
  usedBy: string | undefined,
): void {
  if (mounted !== undefined) throw refuse(`it is mounted at ${mounted}`, 'unmount it first')
  if (usedBy !== undefined) throw refuse(`it is used by ${usedBy}`, 'take it out of there first')
}

/**
 * A file system on a device, or in an image file. It is made where nothing is; where anything else is (by its content, as
 * blkid finds it), that is an error, unless `replaces` names just that. What is mounted or in use is never touched, but to
 * grow. Its kind is all that is compared: `mkfsOptions` count when it is made. Needs blkid and wipefs of util-linux,
 * and mkfs of the type.
 *
 * ext grows mounted or not (checked by e2fsck before), xfs and btrfs where they are mounted, vfat does not. Tests make and grow
 * ext4 in image files; block devices, xfs, btrfs and vfat are by the same tools, and not tested. Partitions, LVM and RAID
 * are not made here: no kernel that tests run on has a device mapper.
 * @example
 * await host.ensure(filesystem({ device: '/dev/vdb', type: 'ext4', label: 'data', grow: true }))
 * await host.ensure(mount({ path: '/srv/data', source: 'LABEL=data', type: 'ext4' }))
 */
export const filesystem = (options: FilesystemOptions): Resource<{ readonly device: string }> =>
  definition({ ...options, device: absolutePath(options.device) })
