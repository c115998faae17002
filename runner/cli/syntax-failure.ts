/** Where and why a file is no TypeScript. */
export interface SyntaxFailure {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly message: string
  /** The line itself. */
  readonly source: string
}

const mark = 'tsplay-syntax:'

interface EsbuildMessage {
  readonly text: string
  readonly location: { readonly line: number; readonly column: number; readonly lineText: string } | null
}

/** An error that keeps its fields on the way out of the hooks' thread, where only the message survives. */
export function syntaxFailure(file: string, error: unknown): unknown {
  const first = isEsbuild(error) ? error.errors[0] : undefined
  if (first?.location == null) return error
  const { line, column, lineText } = first.location
  const failure: SyntaxFailure = { file, line, column: column + 1, message: first.text, source: lineText }
  return new SyntaxError(mark + JSON.stringify(failure))
}

const isEsbuild = (error: unknown): error is { readonly errors: readonly EsbuildMessage[] } =>
  typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)

/** Reads what {@link syntaxFailure} wrote; `undefined` for every other error. */
export function readSyntaxFailure(error: unknown): SyntaxFailure | undefined {
  if (!(error instanceof Error)) return undefined
  const at = error.message.indexOf(mark)
  return at === -1 ? undefined : (JSON.parse(error.message.slice(at + mark.length)) as SyntaxFailure)
}
