import { closeSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { ReadStream } from 'node:tty'
import { Writable } from 'node:stream'
import { TsplayError } from '../model/errors.ts'
import { reveal, Secret } from '../model/secret.ts'
import type { Prompter } from '../transport/target.ts'

export interface TerminalPrompterOptions {
  /** @default '/dev/tty': standard input and output may be redirected */
  readonly terminal?: string
  /** Called with true before a question is shown, and with false once it was answered and taken away again: what redraws the screen has to wait. */
  readonly hold?: ((asking: boolean) => void) | undefined
  /** Called on Ctrl-C at a question: the terminal is then in raw mode, so that no signal comes of it. */
  readonly onInterrupt?: () => void
}

/** Also asks what may be seen. */
export interface TerminalPrompter extends Prompter {
  /** Whether the answer is `yes` or `y`. */
  confirm(question: string): Promise<boolean>
}

/** Asks at the terminal, without echo, one question at a time and each question once. */
export function terminalPrompter(options: TerminalPrompterOptions = {}): TerminalPrompter {
  const answers = new Map<string, Promise<Secret<string>>>()
  let last: Promise<unknown> = Promise.resolve()
  return {
    secret(question) {
      const known = answers.get(question)
      if (known !== undefined) return known
      const answer = last.then(() => ask(question, options))
      last = answer.catch(() => {})
      answers.set(question, answer)
      return answer
    },
    async confirm(question) {
      const answer = await ask(question, options, true)
      return /^\s*y(?:es)?\s*$/i.test(reveal(answer))
    },
  }
}

async function ask(question: string, options: TerminalPrompterOptions, echo = false): Promise<Secret<string>> {
  const terminal = openTerminal(options.terminal ?? '/dev/tty', question)
  options.hold?.(true)
  const seen = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (echo) terminal.write(chunk.toString())
      done()
    },
  })
  const input = terminal.input
  const lines = createInterface({ input, output: seen, terminal: true, historySize: 0 })
  try {
    terminal.write(question.endsWith(' ') ? question : `${question} `)
    return await new Promise<Secret<string>>((resolve, reject) => {
      lines.once('line', (line) => resolve(new Secret(line)))
      lines.once('SIGINT', () => {
        options.onInterrupt?.()
        reject(new TsplayError('ABORTED', `not answered: ${question.trim()}`))
      })
      lines.once('close', () => reject(new TsplayError('ABORTED', `not answered: ${question.trim()}`)))
    })
  } finally {
    lines.close()
    // Rows that are drawn again count on the cursor where they left it.
    terminal.write(options.hold ? '\r\x1b[2K' : '\n')
    terminal.close()
    options.hold?.(false)
  }
}

interface Terminal {
  readonly input: ReadStream
  write(text: string): void
  close(): void
}

function openTerminal(path: string, question: string): Terminal {
  let fd: number
  try {
    fd = openSync(path, 'r+')
  } catch (error) {
    throw new TsplayError('USAGE', `there is no terminal to ask at: ${question.trim().replace(/[:?]$/, '')}`, {
      cause: error,
      hint: 'Set ansible_password or ansible_become_password in the inventory, or use a key without a passphrase.',
    })
  }
  let input: ReadStream
  try {
    input = new ReadStream(fd)
  } catch (error) {
    closeSync(fd)
    throw new TsplayError('USAGE', `${path} is no terminal`, { cause: error })
  }
  return {
    input,
    write: (text) => void writeSync(fd, text),
    close: () => void input.destroy(),
  }
}
