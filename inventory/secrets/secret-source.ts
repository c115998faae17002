import { Sealed } from './sealed.ts'

/** Where a secret can be got from that is not in the inventory itself. */
export type SourceKind = 'env' | 'command' | 'prompt'

const words = {
  env: 'is taken from the environment',
  command: "is a command's output",
  prompt: 'is asked for at the terminal',
} as const

/**
 * A secret that is got when a run begins, and only for the hosts of that run: `!env NAME`, `!command pass show db` and
 * `!prompt Database password` in YAML, {@link secretFrom} in TypeScript.
 */
export class SecretSource extends Sealed {
  readonly kind: SourceKind
  /** The variable's name, the command, or the question. */
  readonly text: string

  constructor(kind: SourceKind, text: string) {
    super({ reason: `${words[kind]}, and only for the hosts of a run`, hint: 'Take this host into the run.' })
    this.kind = kind
    this.text = text
  }
}

/**
 * Secrets that an inventory in TypeScript gets from elsewhere. They are got when a run begins, for its own hosts alone,
 * each once; what can't be got is an error before the first connection.
 *
 * ```ts
 * db1: { db_password: secretFrom.env('DB_PASSWORD'), ansible_become_password: secretFrom.prompt('Password of sudo') }
 * ```
 */
export const secretFrom = {
  /** A variable of the environment. */
  env: (name: string): SecretSource => new SecretSource('env', name),
  /** What a shell command prints, without the newline at its end. It runs in the current folder, for 60 s at most. */
  command: (command: string): SecretSource => new SecretSource('command', command),
  /** What somebody answers at the terminal, unseen; a question is asked once in a run. */
  prompt: (question: string): SecretSource => new SecretSource('prompt', question),
}
