import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../runner/model/facts-of/path.ts'
import { type FileState, pathFact, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { resource } from '../../runner/model/resource.ts'
import type { Secret } from '../../runner/model/secret.ts'
import { certain, unknownReason } from '../../runner/model/unknown.ts'
import { contentChange } from './content-change.ts'
import { type DesiredContent, desiredContent } from './desired-content.ts'
import { fileAfter } from './file-after.ts'
import { type OwnershipOptions, ownershipChanges, ownershipScript, wantedOwnership } from './ownership.ts'
import { checkParent, parentOf, wrongKind } from './place.ts'

export interface EditOptions extends OwnershipOptions {
  /** Absolute path on the host of a text file in UTF-8, 4 MiB at most. Symbolic links are followed. */
  readonly path: string
  /** Whether a missing file is made. @default false */
  readonly create?: boolean
  /** A command that has to accept the new file before it takes the old one's place; `%s` stands for its path. */
  readonly validate?: string
  /** Keeps the old file beside the new one, as `NAME.~YYYYMMDDThhmmssZ~`. @default false */
  readonly backup?: boolean
}

/** A file of which a part is looked after. */
export interface Edit extends EditOptions {
  readonly id: string
  /** Pure, and content with its own result: `edit(edit(text))` is `edit(text)`. */
  edit(text: string): string | Secret<string>
  /** Whether an absent file is as it should be. */
  readonly absentIsFine: boolean
}

interface State {
  readonly path: PathState
  readonly parent: PathState
}

const limit = 4 << 20

/** The definition of resources that edit text files: they differ in what `edit` does. */
export const editedFile = (kind: string) => {
  const whatOf = (edit: Edit) => `${kind} ${edit.id}`

  function existing(edit: Edit, state: State): FileState | undefined {
    const at = certain(state.path)
    const found = resolved(at)
    if (found.kind === 'file') return found
    if (found.kind !== 'absent') throw wrongKind(whatOf(edit), found, 'only text files can be edited')
    if (!edit.absentIsFine) {
      if (!edit.create) {
        throw new TsplayError('OPTIONS', `${whatOf(edit)}: the file does not exist`, { hint: 'create: true makes it' })
      }
      if (at.kind === 'absent') checkParent(whatOf(edit), edit.path, state.parent)
    }
    return undefined
  }

  function desired(edit: Edit, found: FileState | undefined): DesiredContent {
    if (found && found.content === undefined) {
      const why =
        found.size > limit
          ? `has ${found.size} bytes, more than the ${limit} that can be`
          : 'is no UTF-8 text that could be'
      throw new TsplayError('OPTIONS', `${whatOf(edit)}: the file ${why} edited`)
    }
    return desiredContent(whatOf(edit), edit.edit(found === undefined ? '' : certain(found.content ?? '')))
  }

  return resource<Edit, State, { readonly path: string }>({
    kind,
    id: ({ id }) => id,
    validate: (edit) => void wantedOwnership(whatOf(edit), edit),
    probes: ({ path }) => ({
      path: pathProbe(path, { content: 'always', maxContentBytes: limit }),
      parent: ancestorProbe(parentOf(path), path),
    }),
    diff(edit, state): Change[] {
      const found = existing(edit, state)
      if (!found && edit.absentIsFine) return []
      const wanted = wantedOwnership(whatOf(edit), edit)
      const content = contentChange(desired(edit, found), found, wanted.mode ?? (found ? certain(found.mode) : '0644'))
      return [...(content ? [content] : []), ...ownershipChanges(wanted, found)]
    },
    apply(edit, changes, state) {
      const found = existing(edit, state)
      const { mode, owner, group } = wantedOwnership(whatOf(edit), edit)
      if (!changes.some(({ field }) => field === 'content')) {
        return [
          {
            script: ['set -e', ...ownershipScript(edit.path, wantedOwnership(whatOf(edit), edit), changes, found)].join(
              '\n',
            ),
          },
        ]
      }
      return [
        {
          upload: desired(edit, found).content,
          to: edit.path,
          ...(mode === undefined ? {} : { mode }),
          ...(owner === undefined ? {} : { owner }),
          ...(group === undefined ? {} : { group }),
          ...(edit.validate === undefined ? {} : { validate: edit.validate }),
          ...(edit.backup ? { backup: true } : {}),
        },
      ]
    },
    after(edit, state) {
      const file = afterOf(edit, state)
      return { ...state, path: state.path.kind === 'link' ? { ...state.path, resolved: file } : file }
    },
    effects(edit, state) {
      const { path } = state
      if (unknownReason(path) !== undefined || path.kind !== 'link' || path.realPath === undefined) return []
      return [{ fact: pathFact(path.realPath), value: afterOf(edit, state) }]
    },
    out: ({ path }) => ({ path }),
  })

  function afterOf(edit: Edit, state: State): FileState {
    const found = existing(edit, state)
    return fileAfter(desired(edit, found), wantedOwnership(whatOf(edit), edit), found)
  }
}
