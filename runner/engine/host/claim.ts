import { showUnknown } from '../../model/unknown.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import { nameOf } from './resource-state.ts'
import type { Item } from './segment.ts'

/**
 * Remembers what the host was made to be, and tells of two things in one run of which the second undoes the first.
 * `foreseen`: where a change was to lead; left out where nothing was changed.
 */
export function claim({ body, host }: HostHandle, item: Item, state: object, foreseen?: object): void {
  const { run, play } = body
  const claims = run.claims(host)
  const broken = foreseen === undefined ? [] : claims.brokenBy(item, state, foreseen)
  claims.keep(item, state, play)
  for (const { resource, play: earlier } of broken) {
    const [first, second] = [named(resource, earlier), named(item.resource, play)]
    const rest = first === second ? 'asks for two states of one thing' : `undoes ${first}`
    run.warn(`${first}\0${second}`, `${second} ${rest} on ${host}: each run will change it twice`)
  }
}

const named = (resource: Item['resource'], play: string) => `${redact(showUnknown(nameOf(resource)))} (${play})`
