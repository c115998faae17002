import type { Change } from '../../runner/model/change.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import { type ContainerDefinition, type DefinitionField, digestsText, volumeTold } from './container-definition.ts'
import type { MadeContainer } from './container-options.ts'
import type { ContainerFacts } from './container-state.ts'

/** What can be seen in a container as a whole. */
const seenFields = [
  'image',
  'entrypoint',
  'command',
  'ports',
  'volumes',
  'restart',
  'network',
  'hostname',
  'user',
  'workdir',
] as const satisfies readonly DefinitionField[]

type SeenField = (typeof seenFields)[number]

/** How a container differs from its definition: each makes a new one of it. */
export function definitionChanges(
  options: MadeContainer,
  definition: ContainerDefinition,
  found: ContainerFacts,
  /** Of the image that the name has on the host by now. */
  imageId: string | undefined,
): Change[] {
  const changes = seenFields.flatMap((field) => fieldChange(field, definition, found))
  const named = [
    ...namedChanges('env', definition.env, found.env),
    ...namedChanges('labels', definition.labels, found.labels),
  ]
  const secrets = Object.entries(options.env ?? {}).flatMap(([name, value]): Change[] =>
    value instanceof Secret && found.env[name] !== revealAny(value)
      ? [{ field: `env ${name}`, before: name in found.env, after: true, restricted: true }]
      : [],
  )
  const other = [...changes, ...named, ...secrets]
  if (imageId !== undefined && found.imageId !== imageId && !other.some(({ field }) => field === 'image')) {
    other.unshift({
      field: 'image',
      before: short(found.image, found.imageId),
      after: short(definition.image, imageId),
    })
  }
  const asked = digestsText(definition)
  if (found.digests === undefined)
    return [...other, { field: 'definition', before: 'not made by tsplay', after: asked }]
  // What is not asked for any more, and what can not be seen in the container.
  const seen = new Set(other.map(({ field }) => field.replace(/ .*/, '')))
  return [
    ...other,
    ...askedOtherwise(found.digests, asked).filter(({ field }) => !seen.has(field === 'secrets' ? 'env' : field)),
  ]
}

const short = (image: string, id: string) => `${image} ${id.slice(0, 12)}`

function fieldChange(field: SeenField, definition: ContainerDefinition, found: ContainerFacts): Change[] {
  const [before, after] = [found[field], definition[field]]
  if (after === undefined || isSame(field, before, after)) return []
  return [{ field, before, after }]
}

/** More ports and volumes may have come by further arguments. */
function isSame(field: SeenField, before: ContainerFacts[SeenField], after: string | readonly string[]): boolean {
  if (field !== 'ports' && field !== 'volumes') return JSON.stringify(before) === JSON.stringify(after)
  return [after].flat().every((it) => before.includes(field === 'volumes' ? volumeTold(it) : it))
}

const namedChanges = (
  field: string,
  wanted: Readonly<Record<string, string>> = {},
  found: Readonly<Record<string, string>>,
): Change[] =>
  Object.entries(wanted).flatMap(([name, after]) =>
    found[name] === after ? [] : [{ field: `${field} ${name}`, before: found[name], after }],
  )

function askedOtherwise(before: string, after: string): Change[] {
  const fields = (text: string) => new Map(text.split(' ').map((it) => it.split('=') as [string, string]))
  const [old, now] = [fields(before), fields(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((field) =>
    old.get(field) === now.get(field)
      ? []
      : [
          {
            field,
            before: old.has(field) ? 'asked for otherwise' : undefined,
            after: now.has(field) ? 'as asked for' : undefined,
          },
        ],
  )
}
