import ssh2, {
  type AnyAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { reveal, type Secret } from '../../../model/secret.ts'
import type { Identity } from './identity.ts'
import type { SshSettings } from '../settings.ts'
import { interactiveAnswers } from './interactive.ts'

/** Presents one identity to ssh2 whose private half is elsewhere, or still locked: a passphrase is asked for only when the server accepts the key. */
export class IdentityOffer extends ssh2.BaseAgent<ParsedKey> {
  readonly #identity: Identity
  readonly #onSignError: (error: unknown) => void

  constructor(identity: Identity, onSignError: (error: unknown) => void) {
    super()
    this.#identity = identity
    this.#onSignError = onSignError
  }

  override getIdentities(answer: IdentityCallback<ParsedKey>): void {
    answer(undefined, [this.#identity.publicKey])
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    answer?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : answer
    const hash = typeof options === 'function' ? undefined : options.hash
    this.#identity.sign(data, hash).then(
      (signature) => done?.(undefined, signature),
      (error: unknown) => {
        this.#onSignError(error)
        done?.(error instanceof Error ? error : new Error(String(error)))
      },
    )
  }
}

export interface Credentials {
  readonly user: string
  readonly identities: readonly Identity[]
  /** What may be tried. */
  readonly logins: SshSettings['logins']
  /** Gives the password when it comes to that; undefined where there is none and nobody to ask. */
  readonly password: () => Promise<Secret<string> | undefined>
  /** Asks a person what the server wants to know; undefined where there is nobody. */
  readonly ask: (question: string) => Promise<Secret<string> | undefined>
  /** Whether the server has taken one method, and wants another as well. */
  readonly accepted: () => boolean
  readonly onSignError: (error: unknown) => void
  /** Called with what is tried, for the error that may come. */
  readonly onTry: (what: string) => void
}

/**
 * What to try, in order: keys first, without asking the server what it takes, then the password if the server takes
 * one, then its questions. Each is tried once: servers count failures, and punish them.
 */
export async function* authMethods(
  it: Credentials,
  offered: () => readonly string[] | null,
): AsyncGenerator<AnyAuthMethod> {
  const username = it.user
  for (const identity of it.identities) {
    // After a key was taken and more is asked for.
    if (offered()?.includes('publickey') === false) break
    it.onTry('publickey')
    if (identity.privateKey !== undefined) yield { type: 'publickey', username, key: identity.privateKey }
    else yield { type: 'agent', username, agent: new IdentityOffer(identity, it.onSignError) }
  }
  if (offered() === null) {
    // ssh2 keeps the server's answer to itself when an agent's key was refused.
    it.onTry('none')
    yield { type: 'none', username }
  }
  const takes = offered() ?? []
  if (takes.includes('password') && it.logins.has('password')) {
    const password = await it.password()
    if (password === undefined) return
    it.onTry('password')
    yield { type: 'password', username, password: reveal(password) }
    if (!it.accepted()) return
  }
  if (offered()?.includes('keyboard-interactive') !== true || !it.logins.has('keyboard-interactive')) return
  it.onTry('keyboard-interactive')
  const answers = interactiveAnswers(it)
  yield {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      answers(prompts).then(finish, (error: unknown) => {
        it.onSignError(error)
        finish(prompts.map(() => ''))
      })
    },
  }
}
