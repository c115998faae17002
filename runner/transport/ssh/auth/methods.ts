import ssh2, {
  type AnyAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { reveal, type Secret } from '../../../model/secret.ts'
import type { Identity } from './identity.ts'

/** Presents identities to ssh2 in our order, whatever their source, and has a passphrase asked only for one that a server accepts. */
export class IdentityOffer extends ssh2.BaseAgent<ParsedKey> {
  readonly #identities: readonly Identity[]
  readonly #onSignError: (error: unknown) => void

  constructor(identities: readonly Identity[], onSignError: (error: unknown) => void) {
    super()
    this.#identities = identities
    this.#onSignError = onSignError
  }

  override getIdentities(answer: IdentityCallback<ParsedKey>): void {
    answer(
      undefined,
      this.#identities.map((identity) => identity.publicKey),
    )
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    answer?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : answer
    const hash = typeof options === 'function' ? undefined : options.hash
    const identity = this.#identities.find((candidate) => candidate.publicKey === key)
    if (identity === undefined || done === undefined) return
    identity.sign(data, hash).then(
      (signature) => done(undefined, signature),
      (error: unknown) => {
        this.#onSignError(error)
        done(error instanceof Error ? error : new Error(String(error)))
      },
    )
  }
}

export interface Credentials {
  readonly user: string
  readonly identities: readonly Identity[]
  /** Gives the password when it comes to that; undefined where there is none and nobody to ask. */
  readonly password: () => Promise<Secret<string> | undefined>
  readonly onSignError: (error: unknown) => void
  /** Called with what is tried, for the error that may come. */
  readonly onTry: (what: string, offered: readonly string[] | null) => void
}

/**
 * What to try, in order: keys first, without asking the server what it takes, then the password if the server takes
 * one. Each is tried once: servers count failures, and punish them.
 */
export async function* authMethods(
  it: Credentials,
  offered: () => readonly string[] | null,
): AsyncGenerator<AnyAuthMethod> {
  const username = it.user
  if (it.identities.length > 0) {
    it.onTry('publickey', offered())
    yield { type: 'agent', username, agent: new IdentityOffer(it.identities, it.onSignError) }
  } else {
    it.onTry('none', offered())
    yield { type: 'none', username }
  }
  const takes = offered() ?? []
  const byPassword = takes.includes('password')
  if (!byPassword && !takes.includes('keyboard-interactive')) return
  const password = await it.password()
  if (password === undefined) return
  if (byPassword) {
    it.onTry('password', takes)
    yield { type: 'password', username, password: reveal(password) }
    return
  }
  it.onTry('keyboard-interactive', takes)
  let asked = false
  yield {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      const [only] = prompts
      const fits = !asked && prompts.length === 1 && only?.echo !== true
      asked = true
      finish(fits ? [reveal(password)] : prompts.map(() => ''))
    },
  }
}
