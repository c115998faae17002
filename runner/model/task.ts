import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Changed } from './command.ts'
import { TsplayError } from './errors.ts'
import type { Host } from './host.ts'
import { enterTask } from './scope.ts'

interface OwnChanged {
  readonly 'tsplay: a task may not return its own `changed`': true
}

/** A task's result: whether anything in it changed, and what its body returned. */
export type TaskResult<R> = [R] extends [void] ? Changed : R extends { changed: unknown } ? OwnChanged : Changed & R

export interface TaskOptions<Args extends readonly unknown[]> {
  /** Tells calls of one task apart in reports: `(options) => options.name`. */
  readonly key?: (...args: Args) => string
  /** Checks the first option at run time too; needed for tasks that are called with untyped values. */
  readonly schema?: StandardSchemaV1
}

/** A task: a named function over a host. Called like any function; `key` and `schema` are there for tools. */
export interface Task<Args extends readonly unknown[], R extends object | void> {
  (host: Host, ...args: Args): Promise<TaskResult<R>>
  readonly taskName: string
  readonly schema: StandardSchemaV1 | undefined
}

/** Names a function of a host, so that reports, errors and `changed` speak of it as one thing. */
export function task<Args extends readonly unknown[], R extends object | void>(
  name: string,
  body: (host: Host, ...args: Args) => Promise<R>,
  options: TaskOptions<Args> = {},
): Task<Args, R> {
  const call = async (host: Host, ...args: Args): Promise<TaskResult<R>> => {
    await check(name, options.schema, args[0])
    const key = options.key?.(...args)
    const scope = enterTask(host, key === undefined ? name : `${name} (${key})`)
    const result = await body(scope.host, ...args)
    return { ...result, changed: scope.changed() } as object as TaskResult<R>
  }
  return Object.assign(call, { taskName: name, schema: options.schema })
}

async function check(name: string, schema: StandardSchemaV1 | undefined, value: unknown): Promise<void> {
  const result = await schema?.['~standard'].validate(value)
  if (result?.issues === undefined) return
  const issues = result.issues.map((issue) => issue.message).join('; ')
  throw new TsplayError('OPTIONS', `${name}: ${issues}`)
}
