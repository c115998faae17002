import { relative } from 'node:path'
import { userFrame } from '../model/call-site.ts'
import { TsplayError } from '../model/errors.ts'
import { findImport, type ImportLine } from './import-line.ts'
import { sourceExcerpt } from './source-excerpt.ts'
import { readSyntaxFailure } from './syntax-failure.ts'

/** What went wrong while a file of the user's was loaded, with its place as far as it can be known. */
export async function loadFailure(file: string, error: unknown): Promise<TsplayError> {
  if (error instanceof TsplayError) {
    error.at ??= userFrame(error.stack)
    return error
  }
  const syntax = readSyntaxFailure(error)
  if (syntax !== undefined) {
    const { message, source, line, column } = syntax
    const at = `${syntax.file}:${line}:${column}`
    return new TsplayError('PLAYBOOK', `${message}\n${sourceExcerpt(source, line, column)}`, { at, cause: error })
  }
  if (!(error instanceof Error)) {
    return new TsplayError('PLAYBOOK', `${file} threw something that is no Error: ${String(error)}`, { cause: error })
  }
  const missing = await missingImport(file, error)
  if (missing !== undefined) return missing
  const what = error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
  const at = userFrame(error.stack)
  return new TsplayError('PLAYBOOK', `${file} failed while it was loaded: ${what}`, {
    cause: error,
    ...(at === undefined ? {} : { at }),
  })
}

/** Messages are read for the place alone: where Node words them otherwise, the message still stands. */
async function missingImport(file: string, error: Error): Promise<TsplayError | undefined> {
  const link = /requested module '(.+?)' does not provide an export named '(.+?)'/.exec(error.message)
  if (error instanceof SyntaxError && link?.[1] !== undefined) {
    const found = await findImport(file, link[1], link[2])
    return located(`"${link[1]}" exports no "${link[2]}"`, found, error)
  }
  const absent = /^Cannot find (module|package) '(.+?)' imported from (.+)$/m.exec(error.message)
  if (absent?.[2] === undefined || absent[3] === undefined) return undefined
  const [, kind, wanted, parent] = absent
  if (kind === 'package') {
    const found = await findImport(parent, wanted)
    return located(`the package "${wanted}" is not installed`, found, error, `Install it: npm install ${wanted}`)
  }
  const path = relative(process.cwd(), wanted)
  const last = wanted.split('/').at(-1) ?? wanted
  const found = (await findImport(parent, `./${last}`)) ?? (await findImport(parent, `../${last}`))
  return located(`there is no file ${path.startsWith('..') ? wanted : path}`, found, error)
}

function located(message: string, found: ImportLine | undefined, cause: Error, hint?: string): TsplayError {
  return new TsplayError(
    'PLAYBOOK',
    found === undefined ? `${message} (${cause.message})` : `${message}\n${found.excerpt}`,
    {
      cause,
      ...(found === undefined ? {} : { at: found.at }),
      ...(hint === undefined ? {} : { hint }),
    },
  )
}
