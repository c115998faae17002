import { isDeepStrictEqual } from 'node:util'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * Names among the options that a schema neither hands on nor makes anything of: most schemas of objects drop what they do
 * not know, and a misspelt option would have no effect.
 */
export async function idleOptions(schema: StandardSchemaV1, options: unknown): Promise<readonly string[]> {
  if (typeof options !== 'object' || options === null) return []
  const whole = await valueOf(schema, options)
  if (typeof whole !== 'object' || whole === null) return []
  const idle: string[] = []
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(whole, name)) continue
    const others = Object.fromEntries(Object.entries(options).filter(([other]) => other !== name))
    if (isDeepStrictEqual(await valueOf(schema, others), whole)) idle.push(name)
  }
  return idle
}

async function valueOf(schema: StandardSchemaV1, options: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(options)
  return result.issues ? undefined : result.value
}
