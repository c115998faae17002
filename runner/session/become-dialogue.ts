import { reveal, type Secret } from '../model/secret.ts'
import { noPassword, wrongPassword } from './become.ts'
import type { Greeting } from './greeting.ts'

export interface SudoDialogue {
  readonly user: string
  /** The host, for messages. */
  readonly where: string
  /** The random prompt that sudo was told to use. */
  readonly prompt: string
  /** What the program prints on standard output once sudo has let it start. */
  readonly marker: string
  /** Gives the password; rejects where none can be had. */
  readonly password: (() => Promise<Secret<string>>) | undefined
  readonly limitMs: number
}

/**
 * Waits until sudo has started the program. The password is sent once, and only after the question was seen: with
 * NOPASSWD the program itself would read it. The question seen again means that it was wrong.
 *
 * @throws TsplayError BECOME; GreetingEnd when sudo ended, or said nothing for the limit.
 */
export async function answerSudo(greeting: Greeting, sudo: SudoDialogue): Promise<void> {
  let sent = false
  for (;;) {
    const found = await greeting.until(() => heard(greeting, sudo), sudo.limitMs)
    if (found === 'started') return
    if (sent) throw wrongPassword(sudo.user, sudo.where)
    const password = await ask(sudo)
    greeting.channel.stdin.write(`${reveal(password)}\n`)
    sent = true
  }
}

function heard(greeting: Greeting, { marker, prompt }: SudoDialogue): 'started' | 'asked' | undefined {
  const started = greeting.stdout.indexOf(`${marker}\n`)
  if (started >= 0) {
    greeting.stdout = greeting.stdout.subarray(started + marker.length + 1)
    return 'started'
  }
  const asked = greeting.stderr.indexOf(prompt)
  if (asked < 0) return undefined
  greeting.stderr = greeting.stderr.subarray(asked + prompt.length)
  return 'asked'
}

async function ask({ user, where, password }: SudoDialogue): Promise<Secret<string>> {
  if (password === undefined) throw noPassword(user, where)
  try {
    return await password()
  } catch (error) {
    throw noPassword(user, where, error)
  }
}
