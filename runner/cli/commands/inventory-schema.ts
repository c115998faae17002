import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { inventorySchema } from '../../../inventory/json-schema.ts'
import { TsplayError } from '../../model/errors.ts'
import { loadPlaybook } from '../load-playbook.ts'

/**
 * The JSON Schema of inventory files, with the variables of a playbook and its plays where one is named. Schemas of
 * variables are asked for theirs by Standard JSON Schema (`~standard.jsonSchema`). Throws TsplayError PLAYBOOK for one
 * that does not offer it, or can't.
 */
export async function schemaText(playbook: string | undefined): Promise<string> {
  const vars = playbook === undefined ? [] : await varsOf(playbook)
  return `${JSON.stringify(inventorySchema(vars), undefined, 2)}\n`
}

async function varsOf(file: string): Promise<Record<string, unknown>[]> {
  const { vars, plays } = await loadPlaybook(file)
  const schemas = [vars, ...plays.map((play) => play.vars)].filter((schema) => schema !== undefined)
  return [...new Set(schemas)].map((schema) => jsonSchemaOf(schema, file))
}

function jsonSchemaOf(schema: StandardSchemaV1, file: string): Record<string, unknown> {
  if (!offersJsonSchema(schema)) {
    const { vendor } = schema['~standard']
    throw new TsplayError(
      'PLAYBOOK',
      `${file}: a schema by ${vendor} does not offer JSON Schema (~standard.jsonSchema)`,
      {
        hint: 'Recent zod and arktype do; for valibot wrap it: toStandardJsonSchema() of @valibot/to-json-schema.',
      },
    )
  }
  try {
    return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('PLAYBOOK', `${file}: a schema can not be said in JSON Schema: ${why}`, { cause })
  }
}

const offersJsonSchema = (schema: object): schema is StandardJSONSchemaV1 =>
  '~standard' in schema &&
  typeof schema['~standard'] === 'object' &&
  schema['~standard'] !== null &&
  'jsonSchema' in schema['~standard']
