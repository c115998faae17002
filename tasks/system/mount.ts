import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { mountProbe, type MountState } from '../../runner/model/facts-of/mount.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, pathFact, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { type FstabEntry, fstabPath, fstabReread, fstabText, withEntry } from './fstab.ts'
import { kernelOptions, optionDifferences, optionList } from './mount-options.ts'
import { ownedFileAfter } from './owned-file.ts'

export interface MountOptions {
  /** Absolute path of the directory, which is made where it is missing. */
  readonly path: string
  /** A device, `UUID=…`, `LABEL=…`, `server:/export`, `tmpfs`, or a directory with the option `bind`. Needed to mount. */
  readonly source?: string
  /** The file system: `ext4`, `tmpfs`, `nfs` … Needed to mount, but for a bind mount. @default 'none' with `bind` */
  readonly type?: string
  /** As in fstab(5), with commas. A change of those that a mount shows is made by a remount. @default 'defaults' */
  readonly options?: string
  /** The fifth field of fstab(5). @default 0 */
  readonly dump?: number
  /** The sixth field of fstab(5): when fsck(8) looks at it; 0 is never. @default 0 */
  readonly pass?: number
  /**
   * `mounted`: now and at boot. `present`: at boot, left as it is now. `ephemeral`: now only. `unmounted`: not now, left
   * as it is at boot. `absent`: neither; the directory stays. @default 'mounted'
   */
  readonly state?: 'mounted' | 'present' | 'ephemeral' | 'unmounted' | 'absent'
}

interface Wanted extends Required<Omit<MountOptions, 'source' | 'type'>> {
  readonly source: string
  readonly type: string
}

interface State {
  readonly mount: MountState | undefined
  readonly fstab: PathState
  readonly directory: PathState
}

const isBind = ({ options }: Pick<Wanted, 'options'>) => /(?:^|,)r?bind(?:,|$)/.test(options)
const mountsNow = ({ state }: Wanted) => state === 'mounted' || state === 'ephemeral'
const unmountsNow = ({ state }: Wanted) => state === 'unmounted' || state === 'absent'

const entryOf = ({ source, path, type, options, dump, pass }: Wanted): FstabEntry => ({
  source,
  target: path,
  type,
  options,
  dump,
  pass,
})

function textAfter(wanted: Wanted, before: string): string {
  const { state, path } = wanted
  if (state === 'ephemeral' || state === 'unmounted') return before
  const is = ({ target, type }: FstabEntry) => type !== 'swap' && target.replace(/(.)\/+$/, '$1') === path
  return withEntry(before, is, state === 'absent' ? undefined : entryOf(wanted))
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'mount',
  id: ({ path }) => path,
  validate: check,
  probes: (wanted) => ({
    mount: mountProbe(wanted.path, { source: wanted.source, bind: isBind(wanted) }),
    fstab: pathProbe(fstabPath, { content: 'always' }),
    directory: pathProbe(wanted.path, { digest: false }),
  }),
  diff: (wanted, state) => [...mountChanges(wanted, state), ...fstabChanges(wanted, state)],
  apply(wanted, changes, { fstab }): Step[] {
    const differs = (...fields: string[]) => changes.some(({ field }) => fields.includes(field))
    const steps: Step[] = []
    if (differs('mounted', 'source', 'options', 'directory')) {
      steps.push({
        script: nowScript(wanted, changes),
        timeoutMs: 180_000,
        hint: 'Does the play become root? Is something still in use there: fuser -vm PATH?',
      })
    }
    if (!differs('fstab')) return steps
    // A mount that fails must not be tried at boot: the file is written last.
    return [...steps, { upload: textAfter(wanted, fstabText(fstab)), to: fstabPath }, fstabReread]
  },
  after(wanted, { mount, fstab, directory }) {
    const text = fstabText(fstab)
    const edited = textAfter(wanted, text)
    const changed = mountChanges(wanted, { mount, fstab, directory }).length > 0
    return {
      mount: unmountsNow(wanted) ? undefined : mountsNow(wanted) && changed ? mountAfter(wanted) : mount,
      fstab: edited === text ? fstab : ownedFileAfter(fstab, edited),
      directory: changed ? directoryAfter(wanted) : directory,
    }
  },
  effects(wanted, state) {
    const { path, type } = wanted
    const changes = mountChanges(wanted, state)
    if (changes.length === 0) return []
    const place = { fact: pathFact(path), value: directoryAfter(wanted) }
    if (changes.every(({ field }) => field === 'options')) return [place]
    // What lies in a file system is nobody's to say before it is mounted, unless it is made with it.
    const isNew = mountsNow(wanted) && type === 'tmpfs'
    const below = isNew ? { kind: 'absent' } : unknown('what lies in the file system')
    return [place, { fact: `${pathFact(path)}/*`, value: below }]
  },
  out: ({ path }) => ({ path }),
})

function check({ path, source, type, options, dump, pass, state }: Wanted): void {
  const wrong = (message: string) => new TsplayError('OPTIONS', `mount ${path}: ${message}`)
  if (path === '/' && state !== 'mounted' && state !== 'present') throw wrong('the root can not be unmounted')
  if (/[\r\0]/.test(path + source)) throw wrong('paths and sources are one line')
  if (type === 'swap') throw wrong('swap is mounted nowhere: see swap and swapOff')
  if (state === 'unmounted' || state === 'absent') return
  if (source === '' || source.startsWith('-') || /[\n]/.test(source))
    throw wrong('what is to be mounted? source is needed')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(certain(type))) {
    throw wrong(`${JSON.stringify(type)} is no type of a file system, such as ext4`)
  }
  if (!/^[\x21-\x7e]+$/.test(certain(options)) || optionList(options).length === 0 || options.startsWith('-')) {
    throw wrong(`${JSON.stringify(options)} are no options: words with commas between them`)
  }
  for (const number of [dump, pass])
    if (!Number.isInteger(number) || number < 0 || number > 9) throw wrong('dump and pass are 0 to 9')
}

function mountChanges(wanted: Wanted, { mount, directory }: State): Change[] {
  const { path, source, options } = wanted
  const found = certain(mount)
  if (unmountsNow(wanted))
    return found === undefined ? [] : [{ field: 'mounted', before: found.source, after: undefined }]
  if (!mountsNow(wanted)) return []
  if (found === undefined) {
    const { kind } = resolved(certain(directory))
    if (kind !== 'absent' && kind !== 'directory' && !isBind(wanted)) {
      throw new TsplayError('COMMAND', `mount ${path}: a ${kind} is there, and no directory`)
    }
    return [
      ...(kind === 'absent' ? [{ field: 'directory', before: undefined, after: path }] : []),
      { field: 'mounted', before: undefined, after: source },
    ]
  }
  if (!certain(found.fromSource)) return [{ field: 'source', before: found.source, after: source }]
  const { before, after } = optionDifferences(options, certain(found.options))
  return after.length === 0 ? [] : [{ field: 'options', before, after }]
}

function fstabChanges(wanted: Wanted, { fstab }: State): Change[] {
  const before = fstabText(fstab)
  const after = textAfter(wanted, before)
  return before === after ? [] : [{ field: 'fstab', before, after, text: true }]
}

const mountAfter = (wanted: Wanted): MountState => ({
  type: isBind(wanted) ? unknown('that of the directory') : wanted.type,
  source: unknown('the kernel names it'),
  options: unknown('the file system has more of its own'),
  fromSource: true,
})

/** The mount point as it then is: the root of what is mounted, or what was beneath. */
function directoryAfter(wanted: Wanted): PathState {
  const reason = 'it is that of the file system'
  if (unmountsNow(wanted) || isBind(wanted)) return unknown(reason)
  const none = unknown<never>(reason)
  return { kind: 'directory', mode: none, owner: none, group: none, uid: none, gid: none }
}

/** mount(8) ends its errors with a line that says where else to look, in place of what is wrong. */
const quieter = `mount() { e=$(command mount "$@" 2>&1)||{ printf '%s\\n' "$e"|grep -v 'dmesg(1)' >&2;return 1; }; }`

function nowScript(wanted: Wanted, changes: readonly Change[]): string {
  const { path, source, type, options } = wanted
  const at = quote(path)
  const differs = (field: string) => changes.some((change) => change.field === field)
  const umount = `umount ${at} || exit 1`
  if (unmountsNow(wanted)) return umount
  const bind = isBind(wanted)
  const flags = kernelOptions(options)
  const plain = optionList(flags)
    .filter((option) => !/^r?bind$/.test(option))
    .join(',')
  const remount = `mount -o remount,${bind ? 'bind,' : ''}${quote(plain)} ${at} || exit 1`
  if (differs('options')) return `${quieter}\n${remount}`
  const words = bind ? `-o ${/(?:^|,)rbind/.test(options) ? 'rbind' : 'bind'}` : `-t ${type} -o ${quote(flags)}`
  return [
    quieter,
    ...(differs('source') ? [umount] : []),
    ...(differs('directory') ? [`mkdir -p ${at} || exit 1`] : []),
    `mount ${words} ${quote(source)} ${at} || exit 1`,
    // The kernel takes no other options for a bind mount before it is there.
    ...(bind && optionDifferences(options, []).after.length > 0 ? [remount] : []),
  ].join('\n')
}

/**
 * A mount, now and at boot. It is tried before `/etc/fstab` has it, so that one which fails is not tried at boot either;
 * comments, order and blanks of other lines stay. What the kernel shows of a mount (source, `ro`, `nosuid`, `nodev`,
 * `noexec`, times) is compared with what is asked for; options of a file system's own only with what fstab has.
 * @example
 * await host.ensure(mount({ path: '/srv/data', source: 'LABEL=data', type: 'ext4', options: 'noatime', pass: 2 }))
 * await host.ensure(mount({ path: '/srv/www', source: '/home/www', options: 'bind,ro' }))
 */
export function mount(options: MountOptions): Resource<{ readonly path: string }> {
  const { source = '', options: given = 'defaults', dump = 0, pass = 0, state = 'mounted' } = options
  const type = options.type ?? (isBind({ options: given }) ? 'none' : '')
  return definition({ path: absolutePath(options.path), source, type, options: given, dump, pass, state })
}
