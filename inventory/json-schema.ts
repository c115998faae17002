import { connectionNames } from './connection-names.ts'

type Json = Readonly<Record<string, unknown>>

const reference = (name: string) => ({ $ref: `#/$defs/${name}` })

/** Members by name, one name as text, or nothing. */
const members = (of: Json, description: string) => ({
  description,
  anyOf: [{ type: 'object', additionalProperties: of }, { type: 'string' }, { type: 'null' }],
})

/**
 * A JSON Schema (draft 2020-12) of inventory files, for editors. `vars` are schemas of variables, such as a playbook's: what
 * they require is not required here, since a variable may stand in any of several files.
 */
export function inventorySchema(vars: readonly Json[] = []): Json {
  const own = vars.map((schema) => (schema['properties'] ?? {}) as Json)
  const defs = vars.map((schema) => (schema['$defs'] ?? {}) as Json)
  const known = Object.fromEntries(connectionNames.map((name) => [name, { description: 'How the host is reached.' }]))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Inventory',
    description: 'Groups by name, each with hosts, children and vars.',
    type: 'object',
    properties: { all: { ...reference('group'), description: 'Every host.' } },
    additionalProperties: reference('group'),
    $defs: {
      ...Object.assign({}, ...defs),
      group: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          hosts: members(reference('vars'), 'Hosts with their own variables; a range such as web[1:9] is several.'),
          children: members(reference('group'), 'Groups inside this one.'),
          vars: { ...reference('vars'), description: 'Variables of every host of this group.' },
        },
      },
      vars: { type: ['object', 'null'], properties: Object.assign({}, known, ...own) },
    },
  }
}
