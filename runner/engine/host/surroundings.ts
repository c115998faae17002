import type { CommandOptions } from '../../model/command.ts'
import { TsplayError } from '../../model/errors.ts'
import { quote } from '../../model/quote.ts'

/** A user's script with its folder and environment set; nothing of it leaks into the next. */
export function withSurroundings(script: string, options: CommandOptions): string {
  const cwd = options.cwd === undefined ? [] : [`cd -- ${quote(options.cwd)} || exit 1`]
  const env = Object.entries(options.env ?? {}).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new TsplayError('OPTIONS', `env: "${name}" is no name of a variable`)
    return `export ${name}=${quote(value)}`
  })
  return [...cwd, ...env, script].join('\n')
}
