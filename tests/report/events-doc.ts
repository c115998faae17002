import { readFileSync } from 'node:fs'

const read = (path: string) => readFileSync(new URL(`../../runner/${path}`, import.meta.url), 'utf8')

const text = (comment: string | undefined) =>
  (comment ?? '')
    .split('\n')
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?|\s*\*+\/$/g, '').trim())
    .join(' ')
    .trim()

interface Shape {
  readonly name: string
  readonly comment: string
  readonly parent: string | undefined
  readonly fields: readonly { readonly name: string; readonly type: string; readonly comment: string }[]
}

/** The interfaces of a source file with their docstrings; by default of events.ts. */
export function shapes(path = 'engine/events.ts'): Shape[] {
  const code = read(path)
  const found = code.matchAll(
    /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?(?:export )?interface (\w+)(?: extends (\w+))? \{\n([^]*?)\n\}/g,
  )
  return [...found].map(([, comment, name = '', parent, body = '']) => ({
    name,
    comment: text(comment),
    parent,
    fields: [...body.matchAll(/(?:^|\n)((?:  \/\*\*(?:(?!\*\/)[^])*\*\/\n)?)  readonly (\w+\??): (.*)/g)].map(
      ([, said, field = '', type = '']) => ({ name: field, type, comment: text(said) }),
    ),
  }))
}

function union(path: string, name: string): string[] {
  const pattern = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\nexport type ${name} =([^]*?)\\n\\n`)
  const [, comment = '', body = ''] = pattern.exec(read(path)) ?? []
  const members = [...body.matchAll(/'(\w+)'(?: \/\/ (.*))?/g)].map(
    ([, member, said]) => `- \`${member}\`${said ? `: ${said}` : ''}`,
  )
  return ['', `### ${name}`, '', comment, '', ...members]
}

/** docs/events.md, made from the docstrings. */
export function eventsDocument(): string {
  const all = shapes()
  const inherited = (shape: Shape): Shape['fields'] => {
    const parent = all.find((other) => other.name === shape.parent)
    return parent ? [...inherited(parent), ...shape.fields] : shape.fields
  }
  const table = (fields: Shape['fields']) => [
    '| field | type | meaning |',
    '|---|---|---|',
    ...fields.map(
      ({ name, type, comment }) =>
        `| \`${name}\` | \`${type.replaceAll('|', '\\|')}\` | ${comment.replaceAll('|', '\\|')} |`,
    ),
  ]
  const isEvent = (shape: Shape) => shape.fields.some((field) => field.name === 'type')
  const sections = (chosen: readonly Shape[], title: (shape: Shape) => string) =>
    chosen.flatMap((shape) => [
      '',
      `### ${title(shape)}`,
      ...(shape.comment ? ['', shape.comment] : []),
      '',
      ...table(inherited(shape)),
    ])
  const typeOf = (shape: Shape) =>
    `\`${shape.fields.find((field) => field.name === 'type')?.type.replaceAll("'", '') ?? ''}\``
  const inner = [...shapes('model/change.ts'), ...all].filter(
    (shape) => !isEvent(shape) && !shape.name.startsWith('On') && shape.name !== 'At',
  )
  return [
    '# Events',
    '',
    'Everything that can be seen of a run is one of these events. `--output json` writes them to standard output, one JSON',
    'object per line, and the journal keeps them in `.tsplay/runs/<runId>/events.ndjson`. Fields that are `undefined` are left',
    'out. Control and bidirectional characters are written as `\\u` escapes. Values of secrets never occur. Readers should pass',
    'over types and fields that they do not know: later versions may add some.',
    '',
    'This page is made from the docstrings of `runner/engine/events.ts`; a test holds the two together.',
    '',
    '## Types of events',
    ...sections(all.filter(isEvent), typeOf),
    '',
    '## Types of their fields',
    ...sections(inner, (shape) => shape.name),
    ...union('engine/events.ts', 'OperationStatus'),
    ...union('model/errors.ts', 'ErrorCode'),
    '',
  ].join('\n')
}
