import type { OpenSshDialer } from '../openssh/dialer.ts'
import type { Target } from '../target.ts'
import type { Keyring, Selection } from './auth/keyring.ts'
import type { ConfigLookup } from './config/lookup.ts'
import type { HostConfig } from './config/host-config.ts'
import { resolveSettings } from './config/resolve.ts'
import type { KnownHost } from './known-hosts/entry.ts'
import { Gatekeeper } from './known-hosts/gatekeeper.ts'
import type { KnownHostsStore } from './known-hosts/store.ts'
import type { SshSettings } from './settings.ts'

/** How one host is to be reached: everything that is known before anything is connected to. */
export interface Route {
  readonly settings: SshSettings
  /** What ssh's configuration says; empty where only defaults apply. */
  readonly config: HostConfig
  /** The known_hosts lines that speak of the host. */
  readonly lines: readonly KnownHost[]
  readonly gatekeeper: Gatekeeper
  /** The keys that ssh2 would show. */
  readonly keys: Selection
  /** Why OpenSSH's `ssh` is to be used; undefined for ssh2. */
  readonly openssh: string | undefined
}

export interface RouteSources {
  readonly home: string
  readonly config: ConfigLookup
  readonly keyring: Keyring
  readonly knownHosts: KnownHostsStore
  readonly openssh: OpenSshDialer
}

/** Works out a host's route. Throws ConnectError `config` or `host-key`. */
export async function planRoute(target: Target, sources: RouteSources): Promise<Route> {
  const alias = target.address ?? target.name
  const question = { host: alias, user: target.user, port: target.port, options: target.sshOptions ?? [] }
  const config = await sources.config.find(question, target.sshConfig)
  const { answer } = config
  const settings = resolveSettings(target, answer, sources.home)
  const gatekeeper = new Gatekeeper(settings, sources.knownHosts)
  const [lines, keys] = await Promise.all([gatekeeper.lines(), sources.keyring.select(settings)])
  const why = async () => {
    if (target.transport === 'openssh') return 'it was asked for'
    if (target.transport === 'ssh2') return undefined
    return sources.openssh.reason(settings, answer, lines, keys.identities.length)
  }
  return { settings, config, lines, gatekeeper, keys, openssh: await why() }
}
