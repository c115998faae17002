import { ConnectError, TsplayError } from '../model/errors.ts'
import type { Secret } from '../model/secret.ts'
import { awaitDetachedScript, stillRuns } from '../session/detached.ts'
import { openSession, type SessionOptions } from '../session/open.ts'
import type { Session } from '../session/session.ts'
import type { Connection } from '../transport/connection.ts'
import type { Prompter, Target } from '../transport/target.ts'
import type { Emit } from './events.ts'

/** What opens connections; see transport/dial.ts. */
export interface Dialer {
  dial(target: Target, signal?: AbortSignal): Promise<Connection>
  close(): Promise<void>
}

export interface ConnectorOptions {
  readonly dialer: Dialer
  readonly targetOf: (host: string) => Target
  readonly emit: Emit
  /** Asks for the sudo password when a host wants one and the inventory has none. */
  readonly prompter?: Prompter
  readonly signal?: AbortSignal
  /** Other limits of sessions than they have by themselves. */
  readonly limits?: Pick<SessionOptions, 'readyTimeoutMs' | 'leaseSeconds'>
}

/** How long a step of an earlier run is waited for. */
const pendingLimitSeconds = 30 * 60

/** Sessions by host and user: opened when first used, kept for the run, opened anew after they were lost. */
export interface Connector {
  /** `become` undefined: as the login user. */
  session(host: string, become: string | undefined): Promise<Session>
  /** Whether users are become for single commands alone (`sudo-per-command`), by no session of their own. */
  becomesPerCommand(host: string): boolean
  /** Ends all sessions and connections. */
  close(): Promise<void>
}

export function createConnector(options: ConnectorOptions): Connector {
  const connections = new Map<string, Promise<Connection>>()
  const sessions = new Map<string, Promise<Session>>()
  const announced = new Set<string>()

  const connect = (host: string): Promise<Connection> =>
    keep(connections, host, async () => {
      const started = Date.now()
      const connection = await options.dialer.dial(options.targetOf(host), options.signal)
      if (!announced.has(host)) {
        announced.add(host)
        const at = Date.now()
        options.emit({
          type: 'host-connected',
          at,
          host,
          description: connection.description,
          durationMs: at - started,
        })
      }
      return connection
    })

  const open = async (host: string, become: string | undefined): Promise<Session> => {
    const connection = await connect(host)
    const { becomeMethod = 'sudo' } = options.targetOf(host)
    try {
      const other = become === connection.user ? undefined : become
      if (other !== undefined && becomeMethod === 'sudo-per-command') throw noShell(host, other)
      const session = await openSession(
        connection,
        other === undefined || becomeMethod === 'sudo-per-command'
          ? { ...options.limits }
          : { ...options.limits, become: other, becomePassword: () => password(host), becomeMethod },
      )
      await awaitPending(host, session)
      return session
    } catch (error) {
      if (error instanceof ConnectError && error.stage === 'shell') {
        connections.delete(host)
        // Nobody would close it later, and an open one keeps the process from ending.
        await connection.close()
      }
      throw error
    }
  }

  /** What an earlier run left to finish on its own comes first: nothing is asked or changed while it still runs. */
  const awaitPending = async (host: string, session: Session): Promise<void> => {
    for (const id of session.pending) {
      const message = `${host}: waiting for a step that an earlier run left running (${id})`
      options.emit({ type: 'notice', at: Date.now(), level: 'info', message })
      const waited = await session.run({ script: awaitDetachedScript(id, pendingLimitSeconds) })
      if (!stillRuns(id, waited)) continue
      throw new TsplayError(
        'TIMEOUT',
        `${host}: a step of an earlier run (${id}) still runs after ${pendingLimitSeconds / 60} minutes`,
        {
          hint: `Look at it on the host: it is recorded under /run/tsplay/steps/${id}, or under ~/.cache/tsplay/steps for other users than root.`,
        },
      )
    }
  }

  const password = async (host: string): Promise<Secret<string>> => {
    const { becomePassword: known, becomeMethod = 'sudo' } = options.targetOf(host)
    if (known !== undefined) return known
    if (options.prompter === undefined) {
      throw new TsplayError('BECOME', `${host}: ${becomeMethod} wants a password`, {
        hint: 'Give it with -K, or set ansible_become_password.',
      })
    }
    return options.prompter.secret(`Password for ${becomeMethod}: `)
  }

  let closed = false
  return {
    becomesPerCommand: (host) => options.targetOf(host).becomeMethod === 'sudo-per-command',
    session(host, become) {
      // What a killed run still asks for must not open anything again.
      if (closed) return Promise.reject(new TsplayError('ABORTED', `${host}: the run has ended`))
      return keep(sessions, `${host}\0${become ?? ''}`, () => open(host, become))
    },
    async close() {
      closed = true
      const ended = [...sessions.values()].map(async (session) => (await session).close())
      await Promise.allSettled(ended)
      await Promise.allSettled([...connections.values()].map(async (connection) => (await connection).close()))
      await options.dialer.close()
    },
  }
}

const noShell = (host: string, user: string) =>
  new TsplayError('BECOME', `${host}: there is no shell as ${user}, since sudo allows named commands alone there`, {
    hint: 'With the become method sudo-per-command, host.command and host.read of one program each work as another user. A resource needs a shell: allow /bin/sh in sudoers, and leave the method at sudo.',
  })

/** One per key, as long as it lives: a failed or a closed one is forgotten, so that the next use tries anew. */
function keep<T extends { readonly closed: Promise<unknown> }>(
  store: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = store.get(key)
  if (known !== undefined) return known
  const made = make()
  store.set(key, made)
  const forget = () => {
    if (store.get(key) === made) store.delete(key)
  }
  made.then((it) => it.closed.then(forget), forget)
  return made
}
