import type { Declarations, Declared, Member, NamedType, Parameter } from './declared.ts'
import { exampleModule } from './example.ts'

/** The page of one resource or task, in Markdown. */
export function page(it: Declared, exports: Declarations['exports']): string {
  const use = it.kind === 'resource' ? 'A resource: for `host.ensure`.' : 'A task: called with a host.'
  const examples = it.examples.map((example) => `\`\`\`ts\n${exampleModule(example, exports)}\`\`\``)
  const parts = [
    `# ${it.name}`,
    note,
    it.text,
    `${use} Declared in [${it.source}](../../${it.source}).`,
    ...(examples.length > 0 ? [`## ${examples.length > 1 ? 'Examples' : 'Example'}`, ...examples] : []),
    ...it.parameters.map((parameter) => parameterSection(parameter, it.parameters.length)),
    ...(it.gives.length > 0 ? ['## Gives', `Beside \`changed\`:`, list(it.gives, 'gives')] : []),
    ...(it.throws.length > 0 ? ['## Errors', it.throws.map((text) => `- ${text}`).join('\n')] : []),
    ...it.types.map(typeSection),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

const note = '<!-- Made by `npm run docs` of the declarations, which are the place to change it. -->'

function parameterSection({ name, type, optional, text, members }: Parameter, count: number): string {
  const title = count === 1 && members.length > 0 ? 'Options' : `\`${name}\``
  const what = members.length > 0 && count === 1 ? '' : `\`${type}\`${optional ? '; may be left out' : ''}`
  return [`## ${title}`, what, text, list(members, 'takes')].filter(Boolean).join('\n\n')
}

function typeSection({ name, text, alias, members }: NamedType): string {
  const stands = alias === undefined ? '' : `\`${alias}\``
  return [`## ${name}`, text, stands, list(members, 'takes')].filter(Boolean).join('\n\n')
}

const list = (members: readonly Member[], way: 'takes' | 'gives') =>
  members.map((member) => `- ${entry(member, way)}`).join('\n')

/** Of a result nothing is needed. */
function entry({ name, type, optional, text, whenLeftOut }: Member, way: 'takes' | 'gives'): string {
  const needed = way === 'takes' && !optional ? ', needed' : ''
  const otherwise = whenLeftOut === undefined ? '' : ` Default: ${sentence(literal(whenLeftOut))}`
  return `**\`${name}\`**: \`${type}\`${needed}${text === '' ? '.' : `. ${sentence(text)}`}${otherwise}`
}

/** A default that is a value reads as one. */
const literal = (text: string) => (/^(?:'[^']*'|true|false|\d+|\[.*\])$/.test(text) ? `\`${text}\`` : text)

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)
