import type { Secret } from '../../model/secret.ts'

/** Ways to log in that ssh2 knows. */
export const everyLogin = ['publickey', 'password', 'keyboard-interactive'] as const
export type Login = (typeof everyLogin)[number]

/** How one host is reached: what the target says, else ssh's configuration, else OpenSSH's defaults. Paths are absolute. */
export interface SshSettings {
  /** The host's name in the inventory, for people. */
  readonly name: string
  /** The name as given to ssh, before `HostName`: what known_hosts lines of a jump or proxy command go by. */
  readonly alias: string
  /** Name or address to connect to. */
  readonly address: string
  readonly port: number
  readonly user: string
  readonly password: Secret<string> | undefined
  /** Key files that were asked for by name; a missing or unreadable one is worth a word. */
  readonly identityFiles: readonly string[]
  /** Key files that are tried when they exist. */
  readonly defaultIdentityFiles: readonly string[]
  /** Certificates that are configured; they can't be used, which is worth a word when the login fails. */
  readonly certificateFiles: readonly string[]
  readonly identitiesOnly: boolean
  /** The agent's socket; undefined for none. */
  readonly agentSocket: string | undefined
  /** Whether programs on the host may use the agent (ForwardAgent). */
  readonly forwardAgent: boolean
  /** Where a connection of the user's own may live; undefined for none. */
  readonly controlPath: string | undefined
  readonly hostKeyAlias: string | undefined
  /** `refuse` unknown keys, or `accept-new` ones. */
  readonly hostKeys: 'refuse' | 'accept-new'
  /** The first is the one that new keys are added to. */
  readonly userKnownHosts: readonly string[]
  readonly globalKnownHosts: readonly string[]
  /** Lines that replace both kinds of files. */
  readonly knownHostsLines: readonly string[] | undefined
  readonly hashKnownHosts: boolean
  /** Whether further keys of a known host are learnt (UpdateHostKeys). */
  readonly learnHostKeys: boolean
  /** `user@host:port,…`; undefined for none. */
  readonly proxyJump: string | undefined
  readonly proxyCommand: string | undefined
  readonly family: 0 | 4 | 6
  readonly bindAddress: string | undefined
  /** `NAME=value`, offered to the server for every session (SetEnv); it takes what its AcceptEnv names. */
  readonly environment: readonly string[]
  /** What may be tried: PubkeyAuthentication and its like, PreferredAuthentications. */
  readonly logins: ReadonlySet<Login>
  /** For the TCP connection, and again for the server's first word. */
  readonly connectTimeoutMs: number
  readonly keepaliveMs: number
  readonly keepaliveCount: number
}

/** `[host]:port`, or the host alone on port 22: the form that known_hosts uses. */
export const hostAndPort = (host: string, port: number) => (port === 22 ? host : `[${host}]:${port}`)

/** `deploy@web1 (10.0.0.5:22)`: what is at the other end, for people. */
export function describe(settings: SshSettings): string {
  const address = settings.address.includes(':') ? `[${settings.address}]` : settings.address
  return `${settings.user}@${settings.name} (${address}:${settings.port})`
}
