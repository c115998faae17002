import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TsplayError } from '../runner/model/errors.ts'
import { isEncrypted } from './secrets/keyring.ts'
import { Sealed } from './secrets/sealed.ts'
import { unusable } from './secrets/unusable.ts'

type VarsRecord = Readonly<Record<string, unknown>>

export interface VarIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

export type Checked =
  | { readonly output: VarsRecord; readonly issues?: undefined }
  | { readonly issues: readonly VarIssue[]; readonly output?: undefined }

/** Runs one schema over variables. Throws `PLAYBOOK` when the schema itself throws or gives no object. */
export async function check(schema: StandardSchemaV1, vars: VarsRecord, context: string): Promise<Checked> {
  let result: StandardSchemaV1.Result<unknown>
  try {
    const answer = schema['~standard'].validate(vars)
    result = answer instanceof Promise ? await answer : answer
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('PLAYBOOK', `the schema of ${context} failed: ${text}`, { cause })
  }
  if (result.issues) return { issues: result.issues.map(issueOf) }
  const { value } = result
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { output: value as VarsRecord }
  throw new TsplayError('PLAYBOOK', `the schema of ${context} must be one of an object: it gave ${typeof value}`)
}

const issueOf = ({ message, path = [] }: StandardSchemaV1.Issue): VarIssue => ({
  message,
  path: path.map((part) => (typeof part === 'object' ? part.key : part)),
})

/** A name that no inventory has. */
const probe = 'tsplay: unknown variable'

/** Whether a schema hands on variables that it does not name. */
export async function isLoose(schema: StandardSchemaV1, vars: VarsRecord, context: string): Promise<boolean> {
  const { output } = await check(schema, { ...vars, [probe]: true }, context)
  return output !== undefined && Object.hasOwn(output, probe)
}

/** The paths of texts inside a value that can't be used: Jinja expressions and encrypted texts. */
export const unusablePaths = (value: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] =>
  pathsWhere(value, (item) => unusable(item) !== undefined, path)

/** The paths of secrets inside a value that could not be got: without a key, or from elsewhere. */
export const sealedPaths = (value: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] =>
  pathsWhere(value, (item) => item instanceof Sealed || (typeof item === 'string' && isEncrypted(item)), path)

function pathsWhere(
  value: unknown,
  test: (item: unknown) => boolean,
  path: readonly PropertyKey[],
  level = 0,
): (readonly PropertyKey[])[] {
  if (test(value)) return [path]
  if (typeof value !== 'object' || value === null || level > 50) return []
  const entries: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, item]) => pathsWhere(item, test, [...path, key], level + 1))
}
