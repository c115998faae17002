import type { Writable } from 'node:stream'
import { reveal, type Secret } from '../model/secret.ts'
import { noPassword, wrongPassword, type BecomeAttempt } from './become.ts'
import type { Greeting } from './greeting.ts'

export interface BecomeDialogue extends BecomeAttempt {
  /** The random prompt that the method was told to use. */
  readonly prompt: string
  /** What the program prints on standard output once it was let start. */
  readonly marker: string
  /** Gives the password; rejects where none can be had. */
  readonly password: (() => Promise<Secret<string>>) | undefined
  readonly limitMs: number
  /** Where the password is to be written. */
  readonly keys: Writable
}

/**
 * Waits until the method has started the program. The password is sent once, and only after the question was seen: where
 * none is wanted, the program itself would read it. The question seen again means that it was wrong.
 *
 * @throws TsplayError BECOME; GreetingEnd when the method ended, or said nothing for the limit.
 */
export async function answerBecome(greeting: Greeting, dialogue: BecomeDialogue): Promise<void> {
  let sent = false
  for (;;) {
    const found = await greeting.until(() => heard(greeting, dialogue), dialogue.limitMs)
    if (found === 'started') return
    if (sent) throw wrongPassword(dialogue)
    const password = await ask(dialogue)
    dialogue.keys.write(`${reveal(password)}\n`)
    sent = true
  }
}

function heard(greeting: Greeting, { marker, prompt, method }: BecomeDialogue): 'started' | 'asked' | undefined {
  if (takeMarker(greeting, marker)) return 'started'
  const text = greeting.stderr.toString('latin1')
  const asked = method.question(prompt).exec(text)
  if (asked === null) return undefined
  greeting.stderr = greeting.stderr.subarray(asked.index + asked[0].length)
  return 'asked'
}

/** Whether a program has said that it started; what it says then is left. */
export function takeMarker(greeting: Greeting, marker: string): true | undefined {
  const started = greeting.stdout.indexOf(`${marker}\n`)
  if (started < 0) return undefined
  greeting.stdout = greeting.stdout.subarray(started + marker.length + 1)
  return true
}

async function ask(dialogue: BecomeDialogue): Promise<Secret<string>> {
  if (dialogue.password === undefined) throw noPassword(dialogue)
  try {
    return await dialogue.password()
  } catch (error) {
    throw noPassword(dialogue, error)
  }
}
