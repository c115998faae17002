import { ConnectError, TsplayError } from '../../model/errors.ts'
import { openSession } from '../../session/open.ts'
import type { Session } from '../../session/session.ts'
import type { Connection } from '../../transport/connection.ts'
import { createDialer } from '../../transport/dial.ts'
import { appliedLines } from '../../transport/ssh/config/applied-lines.ts'
import { SshDialer } from '../../transport/ssh/dialer.ts'
import type { Prompter, Target } from '../../transport/target.ts'
import type { Finding } from './finding.ts'
import { hostFindings, loginShell, roundTripMs } from './on-host.ts'
import { slowStart } from './slow-start.ts'
import { wayFindings } from './way.ts'

const isSsh = ({ transport = 'ssh' }: Target) => ['ssh', 'ssh2', 'openssh'].includes(transport)

/** Goes the way to a host step by step, and tells what it finds; ends at the first thing that nothing gets past. */
export async function* examine(target: Target, prompter: Prompter): AsyncGenerator<Finding> {
  const ssh = isSsh(target) ? new SshDialer({ prompter }) : undefined
  const other = createDialer({ prompter })
  let connection: Connection | undefined
  try {
    if (ssh !== undefined) yield* way(ssh, target)
    const start = performance.now()
    connection = await (ssh ?? other).dial(target)
    yield {
      what: 'connection',
      found: `${connection.description}, made in ${(performance.now() - start).toFixed(0)} ms`,
    }
    if ('algorithms' in connection) yield { what: 'algorithms', found: String(connection.algorithms) }
    yield* onHost(connection, target, prompter)
  } catch (error) {
    if (!(error instanceof TsplayError)) throw error
    const what = error instanceof ConnectError && error.stage !== 'shell' ? 'connection' : 'shell'
    yield { what, found: error.message, remedy: error.hint ?? 'see the message', fatal: true }
  } finally {
    await connection?.close()
    await Promise.all([ssh?.close(), other.close()])
  }
}

async function* way(dialer: SshDialer, target: Target): AsyncGenerator<Finding> {
  const route = await dialer.route(target)
  const file = await dialer.configArgument(target)
  const question = {
    host: route.settings.alias,
    user: target.user,
    port: target.port,
    options: target.sshOptions ?? [],
    file,
  }
  const lines = route.config.applied ?? (await appliedLines(question))
  yield* wayFindings(route, target, lines)
}

async function* onHost(connection: Connection, target: Target, prompter: Prompter): AsyncGenerator<Finding> {
  const start = performance.now()
  const session = await openSession(connection)
  const opened = performance.now() - start
  const trip = await roundTripMs(session)
  yield {
    what: 'round trip',
    found: `${trip.toFixed(1)} ms for a command; ${opened.toFixed(0)} ms until the shell was ready`,
  }
  yield* await hostFindings(session)
  yield* slowStart(opened, trip, await loginShell(session))
  yield await become(connection, session, target, prompter)
  await session.close()
}

async function become(connection: Connection, own: Session, target: Target, prompter: Prompter): Promise<Finding> {
  const { becomeMethod: method = 'sudo', becomePassword } = target
  if (own.uid === 0) return { what: 'root', found: 'the login user is root' }
  if (method === 'sudo-per-command') return namedCommands(own)
  const start = performance.now()
  let asked = false
  const password = async () => {
    asked = true
    return becomePassword ?? prompter.secret(`Password for ${method}: `)
  }
  try {
    const session = await openSession(connection, { become: 'root', becomeMethod: method, becomePassword: password })
    const ms = performance.now() - start
    const { stdout } = await own.run({ script: `command -v ${method}` })
    await session.close()
    const how = asked ? 'with a password' : 'without a password'
    return { what: 'root', found: `${stdout.toString().trim()} makes root ${how}, in ${ms.toFixed(0)} ms` }
  } catch (error) {
    if (!(error instanceof TsplayError)) throw error
    return { what: 'root', found: error.message, remedy: error.hint ?? 'see the message' }
  }
}

/** What sudo lets the login user run, where that is single commands. */
async function namedCommands(own: Session): Promise<Finding> {
  const { code, stdout, stderr } = await own.run({ script: 'env LC_ALL=C sudo -n -l', timeoutMs: 30_000 })
  if (code !== 0)
    return {
      what: 'root',
      found: stderr.toString().trim() || 'sudo allows nothing',
      remedy: 'allow the commands in /etc/sudoers.d, each with NOPASSWD:',
    }
  const rules = stdout
    .toString()
    .split('\n')
    .flatMap((line) => /^ {4}(\(.*)$/.exec(line)?.[1] ?? [])
  return { what: 'root', found: `sudo allows single commands: ${rules.join('; ')}` }
}
