import { TsplayError } from '../../runner/model/errors.ts'
import { absolutePath } from '../../runner/model/facts-of/path-state.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { Secret } from '../../runner/model/secret.ts'
import { certain, inText } from '../../runner/model/unknown.ts'
import { editedFile, type EditOptions } from './edited-file.ts'
import { type Anchor, anchorIndex, joinLines, splitLines, type TextLine, usualEnd } from './text-lines.ts'

export interface BlockOptions extends EditOptions {
  /** Tells this block from others in the same file. */
  readonly name: string
  /** Its lines; a final line end may be left out. Needed unless it is to be absent. */
  readonly block?: string | Secret<string>
  /** The lines around it: `{mark}` stands for `BEGIN` and `END`, `{name}` for the name. @default '# {mark} {name}' */
  readonly marker?: string
  /** Where a new block goes: after the last line that this matches, or at the start. @default at the end */
  readonly after?: RegExp | 'start'
  /** Before the last line that this matches; at the end where none does. */
  readonly before?: RegExp
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

const definition = editedFile('block')

/**
 * Several lines of a text file between two marker lines, by which they are found again. Everything between the markers
 * is this block's; what is outside stays as it is. For files of other comments, or to take over blocks that Ansible made
 * (`marker: '# {mark} ANSIBLE MANAGED BLOCK'`), say what the markers look like.
 * @example
 * await host.ensure(block({ path: '/etc/hosts', name: 'cluster', block: '10.0.0.1 cp1\n10.0.0.2 w1\n' }))
 */
export function block(options: BlockOptions): Resource<{ readonly path: string }> {
  const { block: given, name, marker = '# {mark} {name}', after, before, state = 'present', ...file } = options
  const path = absolutePath(options.path)
  const id = `${path} (${certain(name)})`
  const what = `block ${id}`
  if (!/^[^\r\n]+$/.test(name)) throw new TsplayError('OPTIONS', `${what}: name has to be one line of text`)
  if (!/^[^\r\n]*\{mark\}[^\r\n]*$/.test(marker)) {
    throw new TsplayError('OPTIONS', `${what}: marker has to be one line that holds {mark}`)
  }
  if (after !== undefined && before !== undefined) {
    throw new TsplayError('OPTIONS', `${what}: after and before exclude each other`)
  }
  if (given === undefined && state === 'present') throw new TsplayError('OPTIONS', `${what}: block is needed`)
  const content = inText(given)
  const mark = (word: string) => marker.replaceAll('{mark}', () => word).replaceAll('{name}', () => name)
  const [begin, end] = [mark('BEGIN'), mark('END')]
  const edit = (text: string, body: string | undefined) =>
    withBlock(what, text, { begin, end, body: state === 'absent' ? undefined : body }, { after, before })
  return definition({
    ...file,
    path,
    id,
    absentIsFine: state === 'absent',
    edit: (text) => (content instanceof Secret ? content.map((body) => edit(text, body)) : edit(text, content)),
  })
}

interface Marked {
  readonly begin: string
  readonly end: string
  /** `undefined` where the block is to be absent. */
  readonly body: string | undefined
}

function withBlock(what: string, text: string, { begin, end, body }: Marked, anchor: Anchor): string {
  const lines = splitLines(text)
  const usual = usualEnd(lines)
  const first = lines.findIndex((line) => line.text === begin)
  const last = first < 0 ? -1 : lines.findIndex((line, i) => i > first && line.text === end)
  if (first >= 0 && last < 0) {
    throw new TsplayError('OPTIONS', `${what}: line ${first + 1} begins it, but no line "${end}" follows`, {
      hint: 'put the end marker back, or remove the begin marker',
    })
  }
  const inner = body === undefined ? [] : splitLines(body)
  if (inner.some((line) => line.text === begin || line.text === end)) {
    throw new TsplayError('OPTIONS', `${what}: its text holds one of its own markers`)
  }
  const texts = body === undefined ? [] : [begin, ...inner.map((line) => line.text), end]
  const put = texts.map((each): TextLine => ({ text: each, end: usual }))
  if (first < 0) return body === undefined ? text : joinLines(lines.toSpliced(anchorIndex(lines, anchor), 0, ...put))
  const unfinished = lines[last]?.end === '' && put.length > 0
  if (unfinished) put[put.length - 1] = { text: end, end: '' }
  return joinLines(lines.toSpliced(first, last - first + 1, ...put))
}
