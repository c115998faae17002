import { types } from 'node:util'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Changed } from './command.ts'
import { TsplayError } from './errors.ts'
import type { Host } from './host.ts'
import { enterTask, type TaskScope } from './scope.ts'

interface OwnChanged {
  readonly 'tsplay: `changed` of a task says whether anything in it changed, and can not be something else': true
}

/**
 * A task's result: whether anything in it changed, and what its body returned. A body may return what an `ensure` gave;
 * `changed` is then that of the whole task.
 */
export type TaskResult<R> = [R] extends [void]
  ? Changed
  : R extends Changed
    ? Changed & Omit<R, 'changed'>
    : R extends { changed: unknown }
      ? OwnChanged
      : Changed & R

export interface TaskOptions<Args extends readonly unknown[]> {
  /** Tells calls of one task apart in reports: `(options) => options.name`. */
  readonly key?: (...args: Args) => string
  /** Checks the first option at run time too; needed for tasks that are called with untyped values. */
  readonly schema?: StandardSchemaV1
}

/** What is known of a task beside its function: for tools that list tasks, or call them with untyped values. */
export interface TaskInfo {
  readonly name: string
  readonly schema: StandardSchemaV1 | undefined
}

/** A property of its own would cost generic tasks their type parameters. */
const infos = new WeakMap<object, TaskInfo>()

/** Name and schema of a task; `undefined` for any other value. */
export const taskInfo = (value: unknown): TaskInfo | undefined =>
  typeof value === 'function' ? infos.get(value) : undefined

/** Names a function of a host, so that reports, errors and `changed` speak of it as one thing. */
export function task<Args extends readonly unknown[], R extends object | void>(
  name: string,
  body: (host: Host, ...args: Args) => Promise<R>,
  options: TaskOptions<Args> = {},
): (host: Host, ...args: Args) => Promise<TaskResult<R>> {
  const call = async (host: Host, ...args: Args): Promise<TaskResult<R>> => {
    await check(name, options.schema, args[0])
    const key = options.key?.(...args)
    const scope = enterTask(host, key === undefined ? name : `${name} (${key})`)
    try {
      return withChanged(await body(scope.host, ...args), scope) as TaskResult<R>
    } catch (error) {
      scope.blame(error)
      throw error
    }
  }
  infos.set(call, { name, schema: options.schema })
  return call
}

async function check(name: string, schema: StandardSchemaV1 | undefined, value: unknown): Promise<void> {
  const result = await schema?.['~standard'].validate(value)
  if (result?.issues === undefined) return
  const issues = result.issues.map((issue) => issue.message).join('; ')
  throw new TsplayError('OPTIONS', `${name}: ${issues}`)
}

/** The result with the task's own `changed`, which is only found out when somebody reads it. */
function withChanged(result: object | void, scope: TaskScope): object {
  const changed = { enumerable: true, get: () => scope.changed() }
  // What can't be predicted gives unknowns for whatever is asked of it.
  if (typeof result === 'object' && types.isProxy(result))
    return new Proxy(result, {
      get: (of, key): unknown => (key === 'changed' ? scope.changed() : Reflect.get(of, key)),
    })
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(result ?? {}), changed })
}
