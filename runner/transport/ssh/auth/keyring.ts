import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import type { Secret } from '../../../model/secret.ts'
import type { Prompter } from '../../target.ts'
import { describe, type SshSettings } from '../settings.ts'
import { agentIdentities } from './agent.ts'
import { certificates } from './certificates.ts'
import { sameKey, type Identity } from './identity.ts'
import { readKeyFile, type UnusableKey } from './key-file.ts'

/** How many keys a server is shown: sshd ends the connection at the sixth failure (MaxAuthTries), and one is the password's. */
const mostKeys = 5

/** What a host may be shown, in order, and what could not be used. */
export interface Selection {
  readonly identities: readonly Identity[]
  readonly notes: readonly string[]
}

/** All keys of a run. Files are read, agents asked, and passphrases and passwords typed once, however many hosts there are. */
export class Keyring {
  readonly #prompter: Prompter | undefined
  readonly #files = new Map<string, Promise<Identity | UnusableKey | undefined>>()
  readonly #agents = new Map<string, Promise<Identity[] | string>>()
  readonly #passwords = new Map<string, Promise<Secret<string>>>()
  readonly #passphrases = new Map<string, Promise<Secret<string>>>()

  constructor(prompter: Prompter | undefined) {
    this.#prompter = prompter
  }

  /** Keys asked for by name first, then the agent's, then the default files. */
  async select(settings: SshSettings): Promise<Selection> {
    if (!settings.logins.has('publickey')) {
      return {
        identities: [],
        notes: ["ssh's configuration turns keys off (PubkeyAuthentication, PreferredAuthentications)"],
      }
    }
    const notes: string[] = []
    const agent = await this.#agent(settings.agentSocket)
    if (typeof agent === 'string') notes.push(agent)
    const held = typeof agent === 'string' ? [] : agent
    const [named, defaults] = await Promise.all([
      Promise.all(settings.identityFiles.map((file) => this.#named(file, held, notes))),
      Promise.all(settings.defaultIdentityFiles.map((file) => this.#file(file))),
    ])
    const identities: Identity[] = []
    const add = (it: Identity | UnusableKey | undefined) => {
      if (it === undefined) return
      if ('reason' in it) notes.push(`${it.label} ${it.reason}`)
      else if (!identities.some((other) => sameKey(other.publicKey, it.publicKey)))
        identities.push(preferAgent(it, held))
    }
    for (const it of named) add(it)
    if (!settings.identitiesOnly) for (const it of held) add(it)
    for (const it of defaults) add(it)
    for (const file of await certificates(settings))
      notes.push(`${file}: certificates need the transport openssh, the plain key is tried`)
    // What else the server takes must be asked for where ssh2 does not pass it on, and that counts as a failure too.
    const most = identities.slice(0, mostKeys).some((identity) => identity.privateKey !== undefined)
      ? mostKeys
      : mostKeys - 1
    if (identities.length > most) {
      notes.push(
        `only ${most} of ${identities.length} keys were tried: name the right one (ansible_ssh_private_key_file, IdentityFile)`,
      )
    }
    return { identities: identities.slice(0, most), notes }
  }

  /** The host's own password, else the one for this user that is asked for once. */
  password(settings: SshSettings): Promise<Secret<string> | undefined> {
    if (settings.password !== undefined || this.#prompter === undefined) return Promise.resolve(settings.password)
    const known = this.#passwords.get(settings.user) ?? this.#prompter.secret(`SSH password for ${settings.user}: `)
    this.#passwords.set(settings.user, known)
    return known
  }

  /** What a person answers to a server's question; undefined where there is nobody to ask. */
  async ask(settings: SshSettings, question: string): Promise<Secret<string> | undefined> {
    return this.#prompter?.secret(`${describe(settings)} asks: ${question} `)
  }

  /** Gives what OpenSSH's ssh asks for a host; undefined where there are neither passwords nor anybody to ask. */
  answerer(settings: SshSettings): ((question: string) => Promise<Secret<string> | undefined>) | undefined {
    if (settings.password === undefined && this.#prompter === undefined) return undefined
    return async (question) => {
      const [, file] = /^Enter passphrase for key '(.*)': ?$/.exec(question) ?? []
      if (file !== undefined) return this.#passphrase(file)
      return asksPassword(question, settings) ? this.password(settings) : this.ask(settings, question.trim())
    }
  }

  async #passphrase(file: string): Promise<Secret<string> | undefined> {
    const known = this.#passphrases.get(file) ?? this.#prompter?.secret(`Passphrase for ${file}: `)
    if (known !== undefined) this.#passphrases.set(file, known)
    return known
  }

  #agent(socket: string | undefined): Promise<Identity[] | string> {
    if (socket === undefined) return Promise.resolve([])
    const known =
      this.#agents.get(socket) ?? agentIdentities(socket).catch((error: Error) => `agent ${socket}: ${error.message}`)
    this.#agents.set(socket, known)
    return known
  }

  #file(path: string): Promise<Identity | UnusableKey | undefined> {
    const known = this.#files.get(path) ?? readKeyFile(path, this.#prompter)
    this.#files.set(path, known)
    return known
  }

  /** A file that was asked for by name may also be the public half of a key that the agent holds. */
  async #named(path: string, held: readonly Identity[], notes: string[]): Promise<Identity | UnusableKey | undefined> {
    const own = await this.#file(path)
    if (own !== undefined && 'publicKey' in own) return own
    const publicKey = (await publicFile(path)) ?? (await publicFile(`${path}.pub`))
    const byAgent = publicKey && held.find((identity) => sameKey(identity.publicKey, publicKey))
    if (byAgent !== undefined) return byAgent
    if (own === undefined) notes.push(`${path} does not exist`)
    return own
  }
}

/** Whether the password of this host's user is asked for, and not that of another hop, or something else. */
function asksPassword(question: string, { user, address, hostKeyAlias }: SshSettings): boolean {
  const who = `${user}@${hostKeyAlias ?? address}`
  return (
    question.startsWith(`${who}'s password:`) || (question.startsWith(`(${who}) `) && /password: ?$/i.test(question))
  )
}

/** A key that is still locked is left to the agent, which needs no passphrase. */
const preferAgent = (identity: Identity, held: readonly Identity[]): Identity => {
  if (identity.privateKey !== undefined) return identity
  const byAgent = held.find((other) => sameKey(other.publicKey, identity.publicKey))
  return byAgent === undefined ? identity : { ...byAgent, label: identity.label }
}

async function publicFile(path: string): Promise<ParsedKey | undefined> {
  const text = await readFile(path).catch(() => undefined)
  const key = text && ssh2.utils.parseKey(text)
  return key === undefined || key instanceof Error ? undefined : key
}
