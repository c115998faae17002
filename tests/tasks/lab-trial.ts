import type { OperationFinished } from '../../runner/engine/events.ts'
import { connect } from '../../runner/connect.ts'
import type { Host } from '../../runner/model/host.ts'
import type { LabHost } from '../lab/lab.ts'

export interface TrialEnd {
  /** `kind status`, in order. */
  readonly statuses: readonly string[]
  readonly finished: readonly OperationFinished[]
  readonly error: unknown
}

/** Runs a body as root on a lab host, or predicts it. What it throws is given, not thrown. */
export async function trial(
  { target }: LabHost,
  body: (host: Host) => Promise<unknown>,
  options: { readonly check?: boolean } = {},
): Promise<TrialEnd> {
  const finished: OperationFinished[] = []
  let error: unknown
  try {
    await using host = await connect(`root@${target.address}`, {
      ...target,
      ...options,
      onEvent: (event) => event.type === 'operation-finished' && finished.push(event),
    })
    await body(host)
  } catch (thrown) {
    error = thrown
  }
  return { statuses: finished.map(({ kind, status }) => `${kind} ${status}`), finished, error }
}
