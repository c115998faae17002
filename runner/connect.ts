import type { Emit } from './engine/events.ts'
import { TsplayError } from './model/errors.ts'
import type { Host } from './model/host.ts'
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

/** The engine is loaded for those who use it: most playbooks only import the package, and some commands only read them. */
async function open(target: Target, options: ConnectOptions): Promise<ConnectedHost> {
  const { openHost } = await import('./connected-host.ts')
  return openHost(target, options)
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
