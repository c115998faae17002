import { Eta } from 'eta/core'
import { TsplayError } from '../../runner/model/errors.ts'
import { absolutePath } from '../../runner/model/facts-of/path-state.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { Secret } from '../../runner/model/secret.ts'
import { inText, PredictionEnd } from '../../runner/model/unknown.ts'
import { localContent } from './desired-content.ts'
import { file, type FileOptions, type FileOut } from './file.ts'

export interface TemplateOptions extends Omit<FileOptions, 'content' | 'source'> {
  /** The template: a file of the control machine, relative to the file that names it. */
  readonly source: string
  /** What the template sees as `it`. */
  readonly values: object
}

/**
 * A file made from a template (Eta: `<%= it.name %>` puts a value in, `<% if (it.tls) { %>` is JavaScript; a line that
 * holds nothing but such a tag leaves no line). Values go in as they are, nothing is escaped; one that is missing, or is
 * neither text, number nor boolean, is an error with the template's line. The compiler does not see into template files:
 * where types matter, write the text in TypeScript and use `file`; where a Secret goes in, `file` with the secret tag.
 * @example
 * await host.ensure(template({ path: '/etc/app.conf', source: 'app.conf.eta', values: { port: 8080 } }))
 */
export function template(options: TemplateOptions): Resource<FileOut> {
  const { source, values, ...rest } = options
  const what = `template ${absolutePath(options.path)}`
  const text = localContent(what, source).toString()
  try {
    return file({ ...rest, content: eta.renderString(withoutTagLines(text), values) })
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    if (cause instanceof PredictionEnd || error instanceof TsplayError) throw cause
    // After a rule, Eta adds the code that it made of the template.
    const message = (error instanceof Error ? error.message : String(error)).split('\n====')[0]?.trim()
    throw new TsplayError('OPTIONS', `${what}: ${source} can not be rendered: ${message}`, { cause: error, at: source })
  }
}

/** Whole lines of nothing but a tag leave no line; the newline moves into the tag, so that lines keep their numbers. */
const withoutTagLines = (text: string) =>
  text.replaceAll(
    /^[ \t]*<%(?![=~])((?:(?!%>)[^])*)%>[ \t]*(\r?\n)/gm,
    (_, code: string, end: string) => `<%${code}${end}%>`,
  )

/** What goes into the text; a value that is none is a mistake in the template or its values. */
function asText(value: unknown): string {
  const text = inText(value)
  if (typeof text === 'string' || typeof text === 'number' || typeof text === 'bigint' || typeof text === 'boolean') {
    return String(text)
  }
  if (text instanceof Secret) throw new TypeError('a Secret can not go through a template: use file with secret`…`')
  const found =
    text === undefined || text === null
      ? String(text)
      : Array.isArray(text)
        ? 'a list'
        : text instanceof Object
          ? 'an object'
          : `a ${typeof text}`
  throw new TypeError(`a text, number or boolean is needed, and here is ${found}`)
}

const eta = new Eta({ autoEscape: false, autoFilter: true, autoTrim: false, debug: true, filterFunction: asText })
