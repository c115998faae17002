import type { Run } from '../../model/run.ts'
import { unknown } from '../../model/unknown.ts'
import { errorReport } from '../error-report.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import { operate } from './operate.ts'

/** `host.run`: what a body may ask and do about its run as a whole. */
export function runOf(handle: HostHandle): Run {
  const { run } = handle.body
  return {
    id: run.id,
    get check() {
      return handle.body.check
    },
    hosts: (pattern) => run.hosts(pattern),
    // Not in its turn: the effect may itself use hosts.
    effect: (name, act) => operate(handle, 'run.effect', () => effect(handle, name, act), { inTurn: false }),
    once: <T>(name: string, act: () => Promise<T>) => {
      // What another body did there may have changed whatever it wanted.
      handle.body.ahead.drop()
      const key = `${handle.body.check ? 'predicted' : 'done'} ${name}`
      const known = run.once.get(key) as Promise<T> | undefined
      if (known) return known
      const first = act()
      run.once.set(key, first)
      return first
    },
  }
}

async function effect<T>(handle: HostHandle, name: string, act: () => Promise<T>): Promise<T> {
  const { body } = handle
  const event = { type: 'effect-finished', host: handle.host, play: body.play, name: redact(name) } as const
  if (body.check) {
    handle.noteChange()
    body.run.emit({ ...event, at: Date.now(), status: 'skipped' })
    return unknown<T>(`effect ${name} is not done in check mode`)
  }
  await body.run.ready
  using _change = anywhere(handle)
  try {
    const result = await act()
    handle.noteChange()
    body.run.emit({ ...event, at: Date.now(), status: 'changed' })
    return result
  } catch (error) {
    body.run.emit({ ...event, at: Date.now(), status: 'failed', error: errorReport(error) })
    throw error
  }
}

/** What acts outside hosts may change any of them all the same. */
function anywhere({ body }: HostHandle): Disposable {
  return {
    [Symbol.dispose]() {
      body.run.noteChange()
      body.ahead.drop()
    },
  }
}
