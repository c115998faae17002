import type { Change } from '../../runner/model/change.ts'
import type { Content } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../runner/model/facts-of/path.ts'
import {
  absolutePath,
  type FileState,
  pathFact,
  type PathState,
  resolved,
} from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { contentChange } from './content-change.ts'
import { type DesiredContent, desiredContent, localContent } from './desired-content.ts'
import { fileAfter } from './file-after.ts'
import {
  type OwnershipOptions,
  ownershipChanges,
  ownershipScript,
  unknownOwnership,
  wantedOwnership,
  type WantedOwnership,
} from './ownership.ts'
import { checkParent, parentOf, wrongKind } from './place.ts'

export interface FileOptions extends OwnershipOptions {
  /** Absolute path on the host. */
  readonly path: string
  /** What it holds. Without `content` and `source` the file has to exist, and only its mode and owner are looked after. */
  readonly content?: Content
  /** A file of the control machine to take the content from, relative to the file that names it. */
  readonly source?: string
  /** A command that has to accept the new file before it takes the old one's place; `%s` stands for its path. */
  readonly validate?: string
  /** Keeps the old file beside the new one, as `NAME.~YYYYMMDDThhmmssZ~`. @default false */
  readonly backup?: boolean
  /** Whether a symbolic link at the path is written through. Otherwise a file takes its place. @default true */
  readonly followLinks?: boolean
}

export interface FileOut {
  readonly path: string
}

interface Wanted extends WantedOwnership {
  readonly path: string
  readonly what: string
  readonly desired: DesiredContent | undefined
  readonly validate: string | undefined
  readonly backup: boolean
  readonly followLinks: boolean
}

interface State {
  readonly path: PathState
  readonly parent: PathState
}

const definition = resource<Wanted, State, FileOut>({
  kind: 'file',
  id: ({ path }) => path,
  probes: ({ path, desired }) => ({
    path: pathProbe(
      path,
      desired === undefined
        ? { digest: false }
        : { content: desired.unknown === undefined ? { unless: desired.sha256 } : 'always' },
    ),
    parent: ancestorProbe(parentOf(path), path),
  }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, state)
    if (found === undefined && wanted.desired === undefined) {
      throw new TsplayError('OPTIONS', `${wanted.what} does not exist, and no content is given`, {
        hint: "give content or source; content: '' makes an empty file",
      })
    }
    const mode = wanted.mode ?? (found === undefined ? '0644' : found.mode)
    const content = wanted.desired && contentChange(wanted.desired, found, mode)
    return [...(content ? [content] : []), ...ownershipChanges(wanted, found)]
  },
  apply(wanted, changes, state): Step[] {
    const found = existing(wanted, state)
    const { path, desired, mode, owner, group, validate, backup } = wanted
    const steps: Step[] = []
    if (!wanted.followLinks && state.path.kind === 'link') steps.push({ script: `rm -f ${quote(path)}` })
    if (desired === undefined || !changes.some(({ field }) => field === 'content')) {
      return [{ script: ['set -e', ...ownershipScript(path, wanted, changes, found)].join('\n') }]
    }
    steps.push({
      upload: desired.content,
      to: path,
      ...(mode === undefined ? {} : { mode }),
      ...(owner === undefined ? {} : { owner }),
      ...(group === undefined ? {} : { group }),
      ...(validate === undefined ? {} : { validate }),
      ...(backup ? { backup } : {}),
    })
    return steps
  },
  after(wanted, state) {
    const reason = unknownReason(state.path)
    if (reason !== undefined) {
      const found = { kind: 'file', size: unknown<number>(reason), ...unknownOwnership(reason) } as const
      return { path: fileAfter(wanted.desired, wanted, found), parent: state.parent }
    }
    const file = fileAfter(wanted.desired, wanted, existing(wanted, state))
    const linked = wanted.followLinks && state.path.kind === 'link'
    return { path: linked ? { ...state.path, resolved: file } : file, parent: state.parent }
  },
  effects(wanted, state) {
    if (
      !wanted.followLinks ||
      unknownReason(state.path) !== undefined ||
      state.path.kind !== 'link' ||
      state.path.realPath === undefined
    )
      return []
    const file = fileAfter(wanted.desired, wanted, existing(wanted, state))
    return [{ fact: pathFact(state.path.realPath), value: file }]
  },
  out: ({ path }) => ({ path }),
})

/** The file that is there; throws where something else is, or where none can be made. */
function existing(wanted: Wanted, state: State): FileState | undefined {
  const at = certain(state.path)
  const found = wanted.followLinks ? resolved(at) : at
  if (found.kind === 'file') return found
  if (found.kind === 'absent' || found.kind === 'link') {
    if (at.kind === 'absent') checkParent(wanted.what, wanted.path, state.parent)
    return undefined
  }
  throw wrongKind(wanted.what, found, 'take it away first with absent(), or choose another path')
}

/**
 * A file: its content, mode and owner. Written at once or not at all, through symbolic links; what is not asked for
 * (owner, mode) stays as it is. A new file has mode `0644` unless another is given. Content that is a Secret, or that
 * group or others may not read, is never shown.
 * @example
 * await host.ensure(file({ path: '/etc/motd', content: 'Welcome\n', mode: '0644' }))
 * await host.ensure(file({ path: '/etc/nginx/nginx.conf', source: 'nginx.conf', validate: 'nginx -t -c %s' }), {
 *   onChange: reload('nginx'),
 * })
 */
export function file(options: FileOptions): Resource<FileOut> {
  const path = absolutePath(options.path)
  const what = `file ${path}`
  const { content, source, validate } = options
  if (content !== undefined && source !== undefined) {
    throw new TsplayError('OPTIONS', `${what}: content and source exclude each other`)
  }
  if (options.path.endsWith('/')) throw new TsplayError('OPTIONS', `${what}: a file's path can not end with "/"`)
  const given = source === undefined ? content : localContent(what, source)
  if (validate !== undefined && given === undefined) {
    throw new TsplayError('OPTIONS', `${what}: validate needs content or source`)
  }
  if (validate !== undefined && !validate.includes('%s')) {
    throw new TsplayError('OPTIONS', `${what}: validate has to hold %s, which stands for the file to be checked`)
  }
  return definition({
    path,
    what,
    ...wantedOwnership(what, options),
    desired: given === undefined ? undefined : desiredContent(what, given),
    validate,
    backup: options.backup ?? false,
    followLinks: options.followLinks ?? true,
  })
}
