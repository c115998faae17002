import type { Event } from '../engine/events.ts'

type ByType = { readonly [E in Event as E['type']]: E }

/** The event of one type. Distributes, so that `EventOf` alone is the whole union. */
export type EventOf<K extends Event['type'] = Event['type']> = { [P in K]: ByType[P] & { readonly type: P } }[K]

/** One function for each type of event: a new event without one does not compile. */
export type Handlers<Result = void> = { readonly [P in Event['type']]: (event: EventOf<P>) => Result }

/** Calls the function for an event's type. */
export const dispatch = <Result, K extends Event['type']>(handlers: Handlers<Result>, event: EventOf<K>): Result => {
  const handler: (event: EventOf<K>) => Result = handlers[event.type]
  return handler(event)
}
