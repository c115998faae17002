import { randomUUID } from 'node:crypto'
import type { ConnectedHost, ConnectOptions } from './connect.ts'
import { type Connector, createConnector } from './engine/connector.ts'
import { Body } from './engine/host/body.ts'
import { cleanUp } from './engine/host/clean-up.ts'
import { HostHandle } from './engine/host/handle.ts'
import { settleDue } from './engine/host/settle-due.ts'
import { lockHolder } from './engine/lock/holder.ts'
import { lockPath } from './engine/lock/lock-path.ts'
import { RunContext } from './engine/run-context.ts'
import { Stop } from './engine/stop.ts'
import { createDialer } from './transport/dial.ts'
import type { Target } from './transport/target.ts'

/** A host as `connect` and `local` hand it out: a body of its own, on a connection of its own. Throws ConnectError. */
export async function openHost(target: Target, options: ConnectOptions): Promise<ConnectedHost> {
  const { prompter, onEvent: emit = () => {}, check = false, vars = {} } = options
  const dialer = createDialer(prompter === undefined ? {} : { prompter })
  const connector = createConnector({
    dialer,
    targetOf: (host) => (host === target.name ? target : { name: host }),
    emit,
    ...(prompter ? { prompter } : {}),
  })
  const id = randomUUID()
  const run = new RunContext({
    id,
    check,
    connector,
    emit,
    stop: new Stop(),
    ready: Promise.resolve(),
    hosts: () => [target.name],
    varsOf: () => ({}),
    locking: {
      holder: lockHolder(id),
      waitSeconds: options.waitLockSeconds ?? 75,
      pathOf: () => lockPath(target),
    },
  })
  const body = new Body(run, 'script', target.name, check)
  const become = options.become === true ? 'root' : options.become || undefined
  const handle = new HostHandle(body, target.name, vars, become)
  try {
    await connector.session(target.name, connector.becomesPerCommand(target.name) ? undefined : become)
  } catch (error) {
    await connector.close()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeHost(body, handle, connector))
  return Object.assign(handle, { close, [Symbol.asyncDispose]: close })
}

/** As at the end of a play's body; the first failure is thrown once everything was tried. */
async function closeHost(body: Body, handle: HostHandle, connector: Connector): Promise<void> {
  const failures: unknown[] = []
  try {
    body.startEnding()
    const forgotten = await body.settle()
    if (forgotten) failures.push(forgotten)
    await settleDue(body, handle)
  } catch (error) {
    failures.push(error)
  }
  failures.push(...(await cleanUp(body)))
  body.close()
  await connector.close()
  if (failures.length > 0) throw failures[0]
}
