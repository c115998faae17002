import { createHash } from 'node:crypto'
import { homedir, hostname, userInfo } from 'node:os'

/** What the `%` tokens of a path or a command stand for; ssh_config(5), TOKENS. */
export interface TokenValues {
  /** The user's home folder on this machine. */
  readonly home: string
  /** The host's name after HostName. */
  readonly host: string
  /** The host's name as given. */
  readonly original: string
  readonly port: number
  /** The user on the host. */
  readonly user: string
  readonly hostKeyAlias?: string | undefined
}

/** What each token's letter stands for. */
export function tokens(it: TokenValues): Readonly<Record<string, string>> {
  const local = hostname()
  return {
    '%': '%',
    C: createHash('sha1').update(`${local}${it.host}${it.port}${it.user}`).digest('hex'),
    d: it.home,
    h: it.host,
    n: it.original,
    p: String(it.port),
    r: it.user,
    u: userInfo().username,
    i: String(process.getuid?.() ?? ''),
    k: it.hostKeyAlias ?? it.original,
    l: local,
    L: local.split('.')[0] ?? local,
  }
}

/** Expands `%` tokens. Unknown ones stay as they are. */
export function expandTokens(text: string, it: TokenValues): string {
  const values = tokens(it)
  return text.replaceAll(/%(.)/g, (whole, letter: string) => values[letter] ?? whole)
}

/** Expands a leading `~`, `${VARIABLES}` and tokens of a path. */
export function expandPath(path: string, it: TokenValues): string {
  const values = tokens(it)
  const home = path.startsWith('~/') ? it.home + path.slice(1) : path
  return home.replaceAll(/%(.)|\$\{(\w+)\}/g, (whole, letter: string | undefined, variable: string | undefined) =>
    letter === undefined ? (process.env[variable ?? ''] ?? '') : (values[letter] ?? whole),
  )
}

/** The home folder whose `.ssh` is read. */
export const sshHome = (home: string | undefined) => home ?? homedir()
