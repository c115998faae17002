import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Target } from '../../target.ts'
import { everyLogin, type Login, type SshSettings } from '../settings.ts'
import { expandPath, expandTokens, type TokenValues } from './expand.ts'
import type { Answer } from './host-config.ts'

/** Tried when nothing else is configured; OpenSSH's list without what ssh2 can't use (DSA, XMSS, FIDO). */
const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519']
const isDefaultKey = (path: string) =>
  /^~\/\.ssh\/id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa|mldsa\S*)$/.test(path)

/** A host's settings: explicit options of the target, else ssh's configuration, else defaults. */
export function resolveSettings(target: Target, answer: Answer, home: string): SshSettings {
  const alias = target.address ?? target.name
  const one = (keyword: string) => {
    const value = answer[keyword]?.[0]
    return value === undefined || value.toLowerCase() === 'none' ? undefined : value
  }
  const configuredPort = one('port')
  const port = target.port ?? (configuredPort === undefined ? 22 : Number(configuredPort))
  const user = target.user ?? one('user') ?? userInfo().username
  const address = one('hostname') ?? alias
  const hostKeyAlias = one('hostkeyalias')
  const tokens: TokenValues = { home, host: address, original: alias, port, user, hostKeyAlias }
  const path = (text: string) => expandPath(text, tokens)
  const files = (keyword: string, otherwise: readonly string[]) => {
    const listed = answer[keyword]
    if (listed === undefined) return otherwise
    // `ssh -G` shows paths without quotes: a space before anything that begins no path is part of a name.
    const paths = listed.length > 1 ? listed : listed.flatMap((line) => line.split(/ +(?=[/~])/))
    return paths.filter((file) => file.toLowerCase() !== 'none').map(path)
  }
  const identities = answer['identityfile'] ?? []
  const configured = identities.every(isDefaultKey) ? [] : identities.filter((file) => file !== 'none')
  const connectTimeout = Number(one('connecttimeout'))
  const proxyJump = target.proxyJump ?? one('proxyjump')
  const proxyCommand = target.proxyJump === undefined ? one('proxycommand') : undefined
  const alive = Number(one('serveraliveinterval'))
  return {
    name: target.name,
    alias,
    address,
    port,
    user,
    password: target.password,
    identityFiles: [...new Set([...(target.identityFiles ?? []), ...configured].map(path))],
    defaultIdentityFiles:
      identities.length > 0 && !identities.every(isDefaultKey)
        ? []
        : defaultKeys.map((name) => join(home, '.ssh', name)),
    certificateFiles: (answer['certificatefile'] ?? []).map(path),
    identitiesOnly: one('identitiesonly') === 'yes',
    agentSocket: agentSocket(answer['identityagent']?.[0], path),
    forwardAgent: target.forwardAgent ?? one('forwardagent') === 'yes',
    controlPath: one('controlpath'),
    hostKeyAlias,
    hostKeys:
      target.hostKeys ??
      (/^(?:accept-new|no|off|false)$/.test(one('stricthostkeychecking') ?? '') ? 'accept-new' : 'refuse'),
    userKnownHosts: files(
      'userknownhostsfile',
      ['known_hosts', 'known_hosts2'].map((name) => join(home, '.ssh', name)),
    ),
    globalKnownHosts: files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    knownHostsLines: target.knownHosts,
    learnHostKeys: target.knownHosts === undefined && /^(?:yes|true)$/.test(one('updatehostkeys') ?? 'yes'),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    proxyJump: proxyJump?.toLowerCase() === 'none' ? undefined : proxyJump,
    proxyCommand: proxyCommand === undefined ? undefined : expandTokens(proxyCommand, tokens),
    family: family(one('addressfamily')),
    bindAddress: one('bindaddress'),
    environment: answer['setenv'] ?? [],
    logins: logins(target, answer),
    connectTimeoutMs: target.connectTimeoutMs ?? (connectTimeout > 0 ? connectTimeout * 1000 : 10_000),
    keepaliveMs: alive > 0 ? alive * 1000 : 10_000,
    keepaliveCount: alive > 0 ? Number(one('serveralivecountmax') ?? 3) : 3,
  }
}

/** What the configuration turns off stays off, unless the inventory gives what it needs. */
function logins(target: Target, answer: Answer): ReadonlySet<Login> {
  const preferred = answer['preferredauthentications']?.[0]?.split(',')
  const allowed = (login: Login, keyword: string) =>
    preferred?.includes(login) !== false && answer[keyword]?.[0] !== 'no' && answer[keyword]?.[0] !== 'false'
  const all: Readonly<Record<Login, boolean>> = {
    publickey: target.identityFiles !== undefined || allowed('publickey', 'pubkeyauthentication'),
    password: target.password !== undefined || allowed('password', 'passwordauthentication'),
    'keyboard-interactive':
      target.password !== undefined || allowed('keyboard-interactive', 'kbdinteractiveauthentication'),
  }
  return new Set(everyLogin.filter((login) => all[login]))
}

const family = (text: string | undefined) => (text === 'inet' ? 4 : text === 'inet6' ? 6 : 0)

function agentSocket(configured: string | undefined, path: (text: string) => string): string | undefined {
  const environment = process.env['SSH_AUTH_SOCK']
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return environment === '' ? undefined : environment
  if (configured.toLowerCase() === 'none') return undefined
  if (configured.startsWith('$')) return process.env[configured.slice(1).replace(/^\{|\}$/g, '')]
  return path(configured)
}
