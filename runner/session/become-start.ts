import type { Secret } from '../model/secret.ts'
import type { Connection } from '../transport/connection.ts'
import { answerBecome } from './become-dialogue.ts'
import { becomeMethod, type BecomeMethod } from './become-method.ts'
import { becomeFailure } from './become.ts'
import { Greeting, GreetingEnd } from './greeting.ts'
import { inTerminal, openKeyboard, type Keyboard } from './terminal.ts'
import { unusable } from './unusable.ts'

export interface BecomeStart {
  readonly user: string
  readonly method: BecomeMethod['name'] | undefined
  /** What the program prints on standard output once it was let start. */
  readonly marker: string
  /** The shell text that is started. */
  readonly script: string
  readonly password: (() => Promise<Secret<string>>) | undefined
  readonly limitMs: number
}

/** Methods that were found to need a terminal, by connection: it is not tried twice without one. */
const needTerminal = new WeakMap<Connection, Set<string>>()

/**
 * Starts a shell text as another user on a channel of its own. Where the method wants a terminal (requiretty, a password
 * that is taken from nowhere else), it is started again with one.
 *
 * @throws TsplayError BECOME; ConnectError of stage `shell` when the login, and not the method, is why nothing was started.
 */
export async function startAs(connection: Connection, start: BecomeStart): Promise<Greeting> {
  const method = becomeMethod(start.method)
  const known = needTerminal.get(connection) ?? new Set<string>()
  needTerminal.set(connection, known)
  const key = `${method.name} ${start.user}`
  if (!known.has(key)) {
    const greeting = await attempt(connection, start, undefined)
    if (!(greeting instanceof TerminalWanted)) return greeting
    // Nothing to type: the plain answer is the better one.
    if (method.typed && start.password === undefined) throw greeting.failure
  }
  const terminal = { keyboard: method.typed ? await openKeyboard(connection, start.limitMs) : undefined }
  try {
    const greeting = await attempt(connection, start, terminal)
    if (greeting instanceof TerminalWanted) throw greeting.failure
    known.add(key)
    return greeting
  } finally {
    terminal.keyboard?.close()
  }
}

interface Terminal {
  readonly keyboard: Keyboard | undefined
}

/** The method ended since it has no terminal. */
class TerminalWanted {
  readonly failure: Error

  constructor(failure: Error) {
    this.failure = failure
  }
}

async function attempt(
  connection: Connection,
  { user, method: name, marker, script, password, limitMs }: BecomeStart,
  terminal: Terminal | undefined,
): Promise<Greeting | TerminalWanted> {
  const method = becomeMethod(name)
  const where = connection.description
  const prompt = `${marker} password: `
  const plain = method.command(user, prompt, script, terminal !== undefined)
  const command = terminal === undefined ? plain : inTerminal(plain, terminal.keyboard?.path)
  const greeting = new Greeting(await connection.open(command))
  const keys = terminal?.keyboard?.keys ?? greeting.channel.stdin
  try {
    await answerBecome(greeting, { method, user, where, prompt, marker, password, limitMs, keys })
    return greeting
  } catch (error) {
    greeting.channel.close()
    if (!(error instanceof GreetingEnd)) throw error
    if (!spoke(method, error, greeting)) throw unusable(connection, greeting, error, limitMs)
    const failure = becomeFailure({ method, user, where }, greeting.text)
    const wanted = terminal === undefined && method.wantsTerminal?.test(greeting.text) === true
    if (wanted) return new TerminalWanted(failure)
    throw failure
  }
}

/** Whether the method, and not the login, is why nothing was started. */
const spoke = ({ name }: BecomeMethod, end: GreetingEnd, { text }: Greeting) =>
  end.exit !== undefined &&
  !end.exit.lost &&
  (new RegExp(`\\b${name}|sorry|access denied|password|authentication|terminal`, 'i').test(text) || text === '')
