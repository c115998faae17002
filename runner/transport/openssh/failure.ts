import { ConnectError, type ConnectStage } from '../../model/errors.ts'
import { quote } from '../../model/quote.ts'

/** What ssh said until it gave up, with `-v`. */
export interface Said {
  /** What is at the other end, for people. */
  readonly where: string
  readonly user: string
  readonly text: string
}

interface Rule {
  readonly stage: ConnectStage
  readonly said: RegExp
  readonly hint: string | ((said: Said) => string)
  readonly retryable?: boolean
}

const hostKeyHint = ({ text }: Said) => {
  const key = /^debug1: Server host (?:key|certificate): (.*)/m.exec(text)?.[1]
  return key === undefined
    ? "Compare it with what the host's console shows."
    : `It shows ${key.trim()}: compare that with what the host's console shows, then accept it with tsplay trust.`
}

const changedHint = ({ text }: Said) => {
  const [, file, line] = /^Offending .* key in (.+):(\d+)\s*$/m.exec(text) ?? []
  const made = 'The host was set up anew, or somebody sits in between'
  return file === undefined ? `${made}.` : `${made}: see line ${line} of ${quote(file)}.`
}

/** What ssh's words mean, the surest first. */
const rules: readonly Rule[] = [
  {
    stage: 'config',
    said: /Bad configuration option|terminating, \d+ bad configuration|Bad owner or permissions on|Can't open user config/,
    hint: 'ssh refuses its own configuration: see it with ssh -G.',
  },
  {
    stage: 'dns',
    said: /Could not resolve hostname .*/,
    hint: 'Give the host an address with ansible_host, or check /etc/resolv.conf and /etc/hosts.',
  },
  { stage: 'host-key', said: /REMOTE HOST IDENTIFICATION HAS CHANGED/, hint: changedHint },
  { stage: 'host-key', said: /REVOKED HOST KEY|host key .* revoked.*/i, hint: hostKeyHint },
  { stage: 'host-key', said: /No .* host key is known for .*|Certificate invalid:.*/, hint: hostKeyHint },
  { stage: 'host-key', said: /Host key verification failed/, hint: hostKeyHint },
  {
    stage: 'handshake',
    said: /no matching .* found\. Their offer: .*/,
    hint: 'Allow one that both know in its sshd_config; `ssh -Q kex` and `ssh -Q key` show what is known here.',
  },
  {
    stage: 'auth',
    said: /Permission denied \(.*\)|Too many authentication failures/,
    hint: ({ user }) =>
      `Check the user name, and that ${user} on the host may log in with this key, certificate or password. ` +
      'Where there is no terminal to ask at, load the key into an agent first (ssh-add).',
  },
  {
    stage: 'tcp',
    said: /(?:open failed: .*|stdio forwarding failed.*)/,
    hint: 'Check the address as the bastion sees it, and that the bastion allows forwarding.',
  },
  {
    stage: 'timeout',
    said: /(?:Connection|Operation) timed out.*|Connection timed out during banner exchange/,
    hint: 'The host is down, or a firewall drops the connection.',
    retryable: true,
  },
  {
    stage: 'tcp',
    said: /connect to (?:host|address) .*: Connection refused/,
    hint: 'No SSH server listens there: check the port (ansible_port) and the service.',
  },
  {
    stage: 'tcp',
    said: /connect to (?:host|address) .*: .*/,
    hint: 'Check that the host is up, and the network and VPN on this machine.',
    retryable: true,
  },
  {
    stage: 'handshake',
    said: /kex_exchange_identification: .*|Connection (?:closed|reset) by .*/,
    hint: 'Too many connections at once (MaxStartups), a penalty for earlier failures, or a proxy that ended.',
    retryable: true,
  },
]

/** The error for a connection that ssh did not make, from what it said. */
export function opensshFailure(said: Said): ConnectError {
  const own = said.text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^debug\d:|^OpenSSH_|^Authenticated to|^@|^Transferred:|^Bytes per/.test(line))
  for (const { stage, said: pattern, hint, retryable = false } of rules) {
    const found = pattern.exec(said.text)?.[0].trim()
    if (found === undefined) continue
    const lines = [`${said.where}: ${explained(stage, found)}`, ...(stage === 'auth' ? offers(said.text) : [])]
    return new ConnectError(stage, lines.join('\n'), {
      hint: typeof hint === 'string' ? hint : hint(said),
      retryable,
    })
  }
  return new ConnectError('handshake', `${said.where}: ssh ended: ${own.at(-1) ?? 'without a word'}`, {
    hint: 'Try it by hand: ssh -v.',
  })
}

function explained(stage: ConnectStage, found: string): string {
  if (stage === 'auth') return `login refused: ${found}`
  return stage === 'host-key' ? `the host's key is refused: ${found}` : found
}

/** Which keys were shown, and what kept others from it. */
const offers = (text: string) =>
  [...text.matchAll(/^(?:debug1: Offering public key: (.*)|(Load key .*|sign_and_send_pubkey: .*))$/gm)].map(
    ([, key, trouble]) => (key === undefined ? `  ${trouble?.trim()}` : `  key ${key.trim()}`),
  )
