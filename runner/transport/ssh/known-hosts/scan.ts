import { ConnectError } from '../../../model/errors.ts'
import { patiently } from '../../patience.ts'
import { NoCommonAlgorithm } from '../broken-off.ts'
import type { SshConnection } from '../connection.ts'
import type { HandshakeOptions } from '../handshake.ts'
import type { Route } from '../route.ts'
import type { SshSettings } from '../settings.ts'
import { keyType } from './entry.ts'
import { judge, showKey, type HostKeyAlgorithm, type Verdict } from './judge.ts'
import { knownHostsName } from './refusal.ts'
import type { KnownHostsStore } from './store.ts'

/** One key that a host shows. */
export interface ScannedKey {
  /** `ED25519 key SHA256:…` */
  readonly shown: string
  readonly verdict: Verdict['kind']
  /** As in known_hosts: `host ssh-ed25519 AAAA…` */
  readonly line: string
  /** Adds it to the user's known_hosts file. Throws ConnectError `host-key` when that can't be written. */
  remember(): Promise<void>
}

/** The keys that a host shows. */
export interface ScannedHost {
  readonly settings: SshSettings
  readonly keys: readonly ScannedKey[]
  /** The file that keys are added to; undefined where the inventory holds them. */
  readonly file: string | undefined
}

/** One for each type of key; sshd picks the strongest of RSA by itself. */
const types: readonly (readonly HostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
]

type Attempt = Omit<HandshakeOptions, 'stream' | 'settings' | 'signal'>

/** Ends each handshake once the key was proven: nothing of the user is shown to anybody. */
export async function scanHost(
  { settings, lines }: Route,
  store: KnownHostsStore,
  attempt: (it: Attempt) => Promise<SshConnection>,
): Promise<ScannedHost> {
  const keys: Buffer[] = []
  let fault: ConnectError | undefined
  for (const hostKeyAlgorithms of types) {
    try {
      const key = await patiently(() => shownKey(hostKeyAlgorithms, attempt), undefined)
      if (key !== undefined) keys.push(key)
    } catch (error) {
      if (!(error instanceof NoCommonAlgorithm)) throw error
      // Not of this type, or not at all: the next type tells.
      fault = error
    }
  }
  if (keys.length === 0) {
    throw fault ?? new ConnectError('handshake', `${settings.name}: the host showed no key`)
  }
  const name = knownHostsName(settings)
  const file = settings.knownHostsLines === undefined ? settings.userKnownHosts[0] : undefined
  return { settings, file, keys: keys.map((key) => scanned(key)) }

  function scanned(key: Buffer): ScannedKey {
    return {
      shown: showKey(key),
      verdict: verdictOf(key),
      line: `${name} ${keyType(key)} ${key.toString('base64')}`,
      async remember() {
        if (file !== undefined) await store.add(file, name, key, settings.hashKnownHosts, () => Promise.resolve(true))
      },
    }
  }

  /** A key of a type that no line names is new, even where another is known: here it is asked for by its type. */
  function verdictOf(key: Buffer): Verdict['kind'] {
    const { kind } = judge(lines, key)
    const ofType = lines.some((line) => line.marker === undefined && line.type === keyType(key))
    return kind === 'changed' && !ofType ? 'unknown' : kind
  }
}

async function shownKey(
  hostKeyAlgorithms: readonly HostKeyAlgorithm[],
  attempt: (it: Attempt) => Promise<SshConnection>,
): Promise<Buffer | undefined> {
  let shown: Buffer | undefined
  const nobody = () => Promise.resolve(undefined)
  try {
    const connection = await attempt({
      hostKeyAlgorithms,
      judge: (key) => {
        shown = key
        return Promise.resolve(new ConnectError('host-key', 'only looked at'))
      },
      identities: [],
      notes: [],
      password: nobody,
      ask: nobody,
      onHostKeys: () => {},
    })
    await connection.close()
  } catch (error) {
    if (shown === undefined) throw error
  }
  return shown
}
