import { ConnectError } from '../../../model/errors.ts'
import { quote } from '../../../model/quote.ts'
import { hostAndPort, type SshSettings } from '../settings.ts'
import { fingerprint, scanType, showKey, type Verdict } from './judge.ts'

/** Why a host's key is refused, and what a person can do about it; undefined where it is known. */
export function refusal(verdict: Verdict, key: Buffer, settings: SshSettings, name: string): ConnectError | undefined {
  switch (verdict.kind) {
    case 'known':
      return undefined
    case 'revoked':
      return new ConnectError(
        'host-key',
        `${settings.name}: the host shows a key that is revoked: ${showKey(key)} (${verdict.by.file}:${verdict.by.line})`,
        { hint: 'Whoever holds this key may not be the host. Do not go on before its key was replaced.' },
      )
    case 'changed': {
      const lines = verdict.instead.map((line) => `${line.file}:${line.line}: ${showKey(line.key)}`)
      const file = verdict.instead[0]?.file ?? ''
      return new ConnectError(
        'host-key',
        `${settings.name}: the host's key has changed, and the connection is refused.\n` +
          `  now:   ${showKey(key)}\n${lines.map((line) => `  known: ${line}`).join('\n')}`,
        {
          hint:
            'The host was set up anew, or somebody sits in between. If you have made sure of the new fingerprint: ' +
            `ssh-keygen -R ${quote(name)} -f ${quote(file)}`,
        },
      )
    }
    case 'unknown': {
      const authority = verdict.authorities[0]
      const signed =
        authority === undefined
          ? ''
          : ` (${authority.file}:${authority.line} names a certificate authority for it, but certificates need the transport openssh)`
      return new ConnectError('host-key', `${settings.name}: the host's key is not known: ${showKey(key)}${signed}`, {
        hint: acceptance(settings, key),
      })
    }
  }
}

function acceptance(settings: SshSettings, key: Buffer): string {
  const compare = `Compare ${fingerprint(key)} with what the host's console shows`
  const file = settings.userKnownHosts[0]
  if (settings.knownHostsLines !== undefined || file === undefined)
    return `${compare}, and add the key to the known hosts.`
  const indirect = settings.proxyJump !== undefined || settings.proxyCommand !== undefined
  if (indirect || settings.hostKeyAlias !== undefined) {
    return `${compare}, then accept it with --accept-new-host-keys.`
  }
  const scan = `ssh-keyscan -p ${settings.port} -t ${scanType(key)} ${quote(settings.address)} >> ${quote(file)}`
  return `${compare}, then accept it with: ${scan}  (or run with --accept-new-host-keys)`
}

/** The name that known_hosts has for a host. */
export const knownHostsName = (settings: SshSettings) =>
  settings.hostKeyAlias ?? hostAndPort(settings.address, settings.port)
