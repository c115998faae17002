import { randomUUID } from 'node:crypto'
import { type Connector, createConnector } from './engine/connector.ts'
import type { Emit } from './engine/events.ts'
import { Body } from './engine/host/body.ts'
import { cleanUp } from './engine/host/clean-up.ts'
import { HostHandle } from './engine/host/handle.ts'
import { settleDue } from './engine/host/settle-due.ts'
import { lockHolder } from './engine/lock/holder.ts'
import { lockPath } from './engine/lock/lock-path.ts'
import { RunContext } from './engine/run-context.ts'
import { Stop } from './engine/stop.ts'
import { TsplayError } from './model/errors.ts'
import type { Host } from './model/host.ts'
import { createDialer } from './transport/dial.ts'
import type { Prompter, Target } from './transport/target.ts'

export interface ConnectOptions extends Omit<Target, 'name'> {
  /** Run as root, or as the named user. @default false: as the login user */
  readonly become?: boolean | string
  /** Change nothing: predict. @default false */
  readonly check?: boolean
  /** What the host's `vars` are. @default none */
  readonly vars?: Readonly<Record<string, unknown>>
  /** Takes what happens, as it happens. @default nothing is shown */
  readonly onEvent?: Emit
  /** For how long another run that changes the host is waited for, in seconds. @default 75 */
  readonly waitLockSeconds?: number
  /** Asks for passwords and passphrases. @default they are not asked for, and the connection fails */
  readonly prompter?: Prompter
}

/** A host that a script connected to; closed by `await using`, or by hand. */
export interface ConnectedHost extends Host, AsyncDisposable {
  /**
   * Does what changes called for (`onChange`), undoes what `cleanup` was told, and ends the connection. Throws the first
   * failure of these; closing again does nothing.
   */
  close(): Promise<void>
}

/**
 * Opens one host for a script or a CI job: the same tasks run on it as in a playbook. `destination` is `host`,
 * `user@host` or `user@host:port`, and means what it means to ssh(1).
 *
 * Throws ConnectError when the host can't be reached, TsplayError USAGE for a destination of another form.
 */
export async function connect(destination: string, options: ConnectOptions = {}): Promise<ConnectedHost> {
  return open({ ...parseDestination(destination), ...options }, options)
}

/** The machine that this runs on, as a host. */
export async function local(options: Omit<ConnectOptions, 'transport'> = {}): Promise<ConnectedHost> {
  return open({ name: 'localhost', ...options, transport: 'local' }, options)
}

async function open(target: Target, options: ConnectOptions): Promise<ConnectedHost> {
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

function parseDestination(destination: string): {
  readonly name: string
  readonly address: string
  readonly user?: string
  readonly port?: number
} {
  const match = /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^:@\s]+)(?::(\d+))?$/.exec(destination)
  if (!match?.[2]) {
    throw new TsplayError('USAGE', `"${destination}" is no destination`, {
      hint: 'Write host, user@host or user@host:port; an IPv6 address in brackets.',
    })
  }
  const [, user, host, port] = match
  const address = host.replaceAll(/^\[|\]$/g, '')
  return {
    name: address,
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}
