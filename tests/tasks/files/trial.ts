import { probeText } from '../../../runner/model/probe.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change } from '../../../runner/model/change.ts'
import { contentBytes } from '../../../runner/model/content.ts'
import { type Bound, isResource, type Resource } from '../../../runner/model/resource.ts'
import type { Step } from '../../../runner/model/step.ts'
import { unknownReason } from '../../../runner/model/unknown.ts'
import { placeScript } from '../../../runner/session/place.ts'
import { assert } from '../../helpers/suite.ts'

/** Shells that hosts have as `/bin/sh`. */
export const shells: Readonly<Record<string, readonly string[]>> = {
  dash: ['dash', '-c'],
  bash: ['bash', '--posix', '-c'],
  busybox: ['busybox', 'ash', '-c'],
  mksh: ['mksh', '-c'],
}

/** Runs shell text on this machine. Throws with what it said when it fails. */
export function shell(text: string, options: { readonly input?: Uint8Array; readonly shell?: string } = {}): string {
  const [file = '', ...args] = shells[options.shell ?? 'dash'] ?? []
  const { status, stdout, stderr } = spawnSync(file, [...args, `(\n${text}\n)`], {
    input: options.input ?? '',
    maxBuffer: 64 << 20,
  })
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr.toString()}`)
  return stdout.toString()
}

/** A folder of the test's own, gone with all that is in it at the end of the block. */
export function scratch(): Disposable & { readonly path: string; at(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'tsplay files-'))
  return {
    path,
    at: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

export function bound(resource: Resource): Bound {
  if (!isResource(resource)) throw new Error('not a resource')
  return resource
}

/** What the resource's probes answer on this machine. */
export function look(resource: Resource, name?: string): Record<string, unknown> {
  const { definition, options } = bound(resource)
  const probes = Object.entries(
    definition.probes(options) as Record<string, { script: string; parse(raw: string): unknown }>,
  )
  return Object.fromEntries(
    probes.map(([key, probe]) => [
      key,
      probe.parse(shell(probeText(probe), name === undefined ? {} : { shell: name })),
    ]),
  )
}

export const diff = (resource: Resource, state = look(resource)): readonly Change[] => {
  const { definition, options } = bound(resource)
  return definition.diff(options, state)
}

/**
 * Makes this machine be so, and gives the changes. Fails when the state reached is not the one that was predicted, or
 * when anything is left to do.
 */
export function converge(resource: Resource, name?: string): readonly Change[] {
  const { definition, options } = bound(resource)
  const state = look(resource, name)
  const changes = definition.diff(options, state)
  if (changes.length === 0) return changes
  const predicted = definition.after(options, state)
  for (const step of definition.apply(options, changes, state)) run(step, name)
  const reached = look(resource, name)
  for (const [key, value] of Object.entries(predicted)) {
    // What is left as it was is for the host to say, as in the engine.
    if (value !== state[key]) same(value, reached[key], `${resource.id} ${key}`)
  }
  assert.equal(definition.diff(options, reached), [])
  return changes
}

function run(step: Step, name: string | undefined): void {
  const by = name === undefined ? {} : { shell: name }
  if ('script' in step) {
    shell(step.script, { ...by, ...(step.stdin === undefined ? {} : { input: contentBytes(step.stdin) }) })
    return
  }
  if (!('upload' in step)) throw new Error('this step takes a session')
  const { upload, ...place } = step
  shell(placeScript({ ...place, source: 'stdin' }), { ...by, input: contentBytes(upload) })
}

/** Everything that was predicted as certain is so, and nothing was left out; unknowns may be anything. */
export function same(predicted: unknown, reached: unknown, where: string): void {
  if (unknownReason(predicted) !== undefined || unknownReason(reached) !== undefined) return
  if (typeof predicted !== 'object' || predicted === null) {
    assert.equal(reached, predicted, where)
    return
  }
  const parts = new Set([...Object.keys(predicted), ...Object.keys(reached as object)])
  for (const key of parts) {
    // A digest that one side's probe did not ask for, and where a link ends, are further knowledge.
    if (key === 'realPath' || ((key === 'sha256' || key === 'content') && !(key in (reached as object)))) continue
    same((predicted as Record<string, unknown>)[key], (reached as Record<string, unknown>)[key], `${where}.${key}`)
  }
}
