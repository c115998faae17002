import { absolutePath } from '../../../runner/model/facts-of/path-state.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { editedFile, type EditOptions } from '../edited-file.ts'
import { shownPath, unknownText, type ValueEdit, type ValuePath, valueEdits } from './value-edit.ts'

export interface ValuesOptions<Values extends object> extends EditOptions {
  /**
   * Values to be set, in the structure that the file has. What is not named stays as it is, comments and layout too: an
   * object goes into the one that is there, anything else (lists too) takes the place of what is there.
   */
  readonly set?: Values
  /** Paths of what is not to be there: `[['server', 'debug']]`. @default nothing */
  readonly remove?: readonly ValuePath[]
}

/** How a text of some format is edited. Throws `TsplayError('OPTIONS')`, which begins with `what`, where it can't be. */
export type EditText = (what: string, text: string, edits: readonly ValueEdit[]) => string

/** The factory of resources that look after values in files of one format. */
export function valuesFile<Values extends object>(
  kind: string,
  editText: EditText,
  check: (what: string, edits: readonly ValueEdit[]) => void = () => {},
): (options: ValuesOptions<Values>) => Resource<{ readonly path: string }> {
  const definition = editedFile(kind)
  return ({ set, remove, ...file }) => {
    const path = absolutePath(file.path)
    const { edits, secret, unknown } = valueEdits(`${kind} ${path}`, set, remove)
    check(`${kind} ${path}`, edits)
    const id = `${path} (${edits.map((edit) => shownPath(edit.path)).join(', ')})`
    return definition({
      ...file,
      path,
      id,
      absentIsFine: edits.every((edit) => !('value' in edit)),
      edit(text) {
        if (unknown !== undefined) return unknownText(unknown)
        const edited = editText(`${kind} ${path}`, text, edits)
        return secret ? new Secret(edited) : edited
      },
    })
  }
}
