import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Ran, Read, Reading, ReadOptions, ReadTag } from '../../model/command.ts'
import { TsplayError } from '../../model/errors.ts'
import { sh } from '../../model/quote.ts'
import { PredictionEnd, unknown } from '../../model/unknown.ts'
import type { HostHandle } from './handle.ts'
import { operate, report } from './operate.ts'
import { ranOrThrow, runScript } from './script.ts'

/** `host.read`: a template, or options that give one. */
export function readOn(handle: HostHandle): Read {
  const tag =
    (options: ReadOptions): ReadTag =>
    (strings, ...values) =>
      reading(operate(handle, 'host.read', () => ask(handle, sh(strings, ...values), options)))
  const plain = tag({})
  return ((
    first: ReadOptions | TemplateStringsArray,
    ...values: Parameters<ReadTag> extends [unknown, ...infer V] ? V : never
  ) =>
    Array.isArray(first)
      ? plain(first as unknown as TemplateStringsArray, ...values)
      : tag(first as ReadOptions)) as Read
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
  try {
    const ran = ranOrThrow(await runScript(handle, script, options, told), script, options)
    if (touched !== undefined)
      body.downgrade(
        `a question may be answered differently after ${touched} (name what it depends on with \`touches\`)`,
      )
    told.finish({ status: 'ok', changes: [] })
    return ran
  } catch (error) {
    if (touched !== undefined && error instanceof TsplayError && error.code === 'COMMAND') {
      told.finish({ status: 'ok', changes: [] })
      return unknownRan(`a question fails before ${touched} is made`)
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

/** Adds readers of common shapes to the promise. Whoever uses one of them waits for the operation itself. */
function reading(ran: Promise<Ran>): Reading {
  return Object.assign(ran, {
    text: async () => (await ran).stdout.trimEnd(),
    lines: async () =>
      (await ran).stdout
        .replace(/\n$/, '')
        .split('\n')
        .filter((line, _, all) => all.length > 1 || line !== ''),
    json: async <S extends StandardSchemaV1>(schema: S) => parse((await ran).stdout, schema),
  })
}

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
