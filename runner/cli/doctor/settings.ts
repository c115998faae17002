import type { Route } from '../../transport/ssh/route.ts'
import type { SshSettings } from '../../transport/ssh/settings.ts'
import type { Target } from '../../transport/target.ts'
import type { Finding } from './finding.ts'

interface Setting {
  /** As ssh_config(5) spells it. */
  readonly keyword: string
  /** What of the target decides it before any configuration. */
  readonly explicit?: keyof Target
  readonly value: (settings: SshSettings) => string
  /** Told even where nobody has set it. @default false */
  readonly always?: boolean
}

const settings: readonly Setting[] = [
  { keyword: 'HostName', explicit: 'address', value: ({ address }) => address, always: true },
  { keyword: 'Port', explicit: 'port', value: ({ port }) => String(port), always: true },
  { keyword: 'User', explicit: 'user', value: ({ user }) => user, always: true },
  { keyword: 'IdentityFile', explicit: 'identityFiles', value: ({ identityFiles }) => identityFiles.join(' ') },
  { keyword: 'IdentitiesOnly', value: ({ identitiesOnly }) => yesNo(identitiesOnly) },
  { keyword: 'IdentityAgent', value: ({ agentSocket }) => agentSocket ?? 'none' },
  { keyword: 'CertificateFile', value: ({ certificateFiles }) => certificateFiles.join(' ') },
  { keyword: 'ProxyJump', explicit: 'proxyJump', value: ({ proxyJump }) => proxyJump ?? 'none' },
  { keyword: 'ProxyCommand', value: ({ proxyCommand }) => proxyCommand ?? 'none' },
  { keyword: 'HostKeyAlias', value: ({ hostKeyAlias }) => hostKeyAlias ?? 'none' },
  { keyword: 'StrictHostKeyChecking', explicit: 'hostKeys', value: ({ hostKeys }) => hostKeys, always: true },
  { keyword: 'UserKnownHostsFile', explicit: 'knownHosts', value: knownHosts },
  {
    keyword: 'ConnectTimeout',
    explicit: 'connectTimeoutMs',
    value: (it) => `${it.connectTimeoutMs / 1000} s`,
    always: true,
  },
  { keyword: 'ServerAliveInterval', value: ({ keepaliveMs }) => `${keepaliveMs / 1000} s`, always: true },
  { keyword: 'ForwardAgent', explicit: 'forwardAgent', value: ({ forwardAgent }) => yesNo(forwardAgent) },
  { keyword: 'SetEnv', value: ({ environment }) => environment.map((it) => it.replace(/=.*/s, '')).join(' ') },
  { keyword: 'AddressFamily', value: ({ family }) => (family === 0 ? 'any' : `IPv${family}`) },
  { keyword: 'BindAddress', value: ({ bindAddress }) => bindAddress ?? 'any' },
]

const yesNo = (it: boolean) => (it ? 'yes' : 'no')

function knownHosts({ knownHostsLines, userKnownHosts }: SshSettings): string {
  return knownHostsLines === undefined ? userKnownHosts.join(' ') : `${knownHostsLines.length} lines`
}

/** What each setting is, and who says so: the inventory or the command line, else ssh's configuration, else the defaults. */
export function settingsFinding({ settings: resolved, config }: Route, target: Target): Finding {
  const lines = settings.flatMap(({ keyword, explicit, value, always = false }) => {
    const source = sourceOf(keyword.toLowerCase(), explicit)
    return source === undefined && !always ? [] : [`${keyword} ${value(resolved)} (${source ?? 'default'})`]
  })
  return { what: 'settings', found: lines.join('\n') }

  function sourceOf(keyword: string, explicit: keyof Target | undefined): string | undefined {
    if (explicit !== undefined && target[explicit] !== undefined) return 'inventory or command line'
    if (config.places[keyword] !== undefined) return config.places[keyword]
    if (config.asked === undefined || config.answer[keyword] === undefined) return undefined
    return 'ssh -G'
  }
}
