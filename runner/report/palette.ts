import { Chalk } from 'chalk'
import type { OutputStream } from './streams.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Paint = (text: string) => string

/** Colours by meaning, so that all reports agree. */
export interface Palette {
  readonly bold: Paint
  readonly dim: Paint
  readonly ok: Paint
  readonly changed: Paint
  readonly may: Paint
  readonly failed: Paint
}

/** A set variable counts unless it says no. */
const isOn = (value: string | undefined) => value !== undefined && value !== '' && value !== '0' && value !== 'false'

/**
 * Whether the stream gets colours: `FORCE_COLOR` decides where it is set (as in Node), then `NO_COLOR`
 * (https://no-color.org), then whether it is a terminal that is not dumb.
 */
export function wantsColour(stream: OutputStream, env: Environment): boolean {
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] === '' || isOn(env['FORCE_COLOR'])
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !isOn(env['CI'])
}

/** Whether rows may be redrawn on the stream: a terminal that is not dumb, outside CI. */
export const canRedraw = (stream: OutputStream, env: Environment): boolean =>
  stream.isTTY === true && env['TERM'] !== 'dumb' && !isOn(env['CI'])

/** The 16 basic colours, which every theme keeps readable; or none at all. */
export function createPalette(coloured: boolean): Palette {
  const chalk = new Chalk({ level: coloured ? 1 : 0 })
  return {
    bold: chalk.bold,
    dim: chalk.dim,
    ok: chalk.green,
    changed: chalk.yellow,
    may: chalk.cyan,
    failed: chalk.red,
  }
}
