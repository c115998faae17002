import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Ran, Read, Reading, ReadOptions, ReadTag } from '../../model/command.ts'
import { TsplayError } from '../../model/errors.ts'
import { sh } from '../../model/quote.ts'
import { PredictionEnd, unknown, unknownReason } from '../../model/unknown.ts'
import type { HostHandle } from './handle.ts'
import { operate, report } from './operate.ts'
import { ranOrThrow, runScript } from './script.ts'
import { withText } from './with-text.ts'

/** `host.read`: a template, or options that give one. */
export function readOn(handle: HostHandle): Read {
  const tag =
    (options: ReadOptions): ReadTag =>
    (strings, ...values) =>
      reading(
        handle,
        operate(handle, 'host.read', async () => ask(handle, sh(strings, ...values), options)),
      )
  const plain = tag({})
  return ((
    first: ReadOptions | TemplateStringsArray,
    ...values: Parameters<ReadTag> extends [unknown, ...infer V] ? V : never
  ) =>
    Array.isArray(first)
      ? plain(first as unknown as TemplateStringsArray, ...values)
      : withText('host.read({ … })', tag(first as ReadOptions))) as Read
}

async function ask(handle: HostHandle, script: string, options: ReadOptions): Promise<Ran> {
  const { body } = handle
  const overlay = body.run.overlay(handle.host)
  const touches = options.touches?.map((fact) => (fact.startsWith('/') ? `path:${fact}` : fact))
  const touched = body.check ? overlay.touched(touches ?? ['*']) : undefined
  const told = report(handle, 'read', script)
  if (touched !== undefined && touches !== undefined) {
    told.finish({ status: 'ok', changes: [] })
    return unknownRan(`what it reads changes before it: ${touched}`)
  }
  const reason = unknownReason(script)
  if (body.check && reason !== undefined) {
    told.finish({ status: 'ok', changes: [] })
    return unknownRan(reason)
  }
  try {
    const ran = ranOrThrow(await runScript(handle, script, options, told), script, options)
    if (touched !== undefined)
      body.downgrade(
        `a question may be answered differently after ${touched} (name what it depends on with \`touches\`)`,
      )
    told.finish({ status: 'ok', changes: [] })
    return ran
  } catch (error) {
    // What it asks for may be made by something whose effects nobody can list, unless it depends on nothing.
    const made = touched ?? (body.check && touches?.length !== 0 ? overlay.opaque : undefined)
    if (made !== undefined && error instanceof TsplayError && error.code === 'COMMAND') {
      told.finish({ status: 'ok', changes: [] })
      return unknownRan(`a question fails before its answer is made: ${made}`)
    }
    told.fail(error)
    throw error
  }
}

/** A result of which nothing is known: its text can be carried, its code can't be asked. */
export function unknownRan(reason: string): Ran {
  return {
    stdout: unknown(reason),
    stderr: unknown(reason),
    get code(): number {
      throw new PredictionEnd(reason)
    },
  }
}

/** Adds readers of common shapes to the promise. Each is an operation of its own, which somebody has to wait for. */
function reading(handle: HostHandle, ran: Promise<Ran>): Reading {
  const reader = <T>(name: string, read: (stdout: string) => T | Promise<T>): Promise<T> =>
    operate(handle, `host.read….${name}()`, async () => read((await ran).stdout), { inTurn: false })
  return Object.assign(ran, {
    text: () => reader('text', (stdout) => stdout.trimEnd()),
    lines: () => reader('lines', linesOf),
    json: <S extends StandardSchemaV1>(schema: S) => reader('json', (stdout) => parse(stdout, schema)),
  })
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

async function parse<S extends StandardSchemaV1>(text: string, schema: S): Promise<StandardSchemaV1.InferOutput<S>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    if (cause instanceof PredictionEnd) throw cause
    throw new TsplayError('COMMAND', `the command did not print JSON: ${text.slice(0, 200).trim()}`, { cause })
  }
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(
    ({ path, message }) =>
      `${(path ?? []).map((part) => (typeof part === 'object' ? part.key : part)).join('.')}: ${message}`,
  )
  throw new TsplayError('COMMAND', `the command printed JSON of another shape: ${issues.join('; ')}`)
}
