import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Connection } from '../connection.ts'
import type { DialerOptions } from '../dial.ts'
import type { Target } from '../target.ts'
import { readKeyFile } from './auth/key-file.ts'
import type { Identity } from './auth/identity.ts'
import { handshake } from './handshake.ts'
import { hostKeyAlgorithms, judge, linesFor } from './known-hosts/judge.ts'
import { knownHostsName, refusal } from './known-hosts/refusal.ts'
import { parseKnownHosts } from './known-hosts/entry.ts'
import { KnownHostsStore } from './known-hosts/store.ts'
import type { SshSettings } from './settings.ts'
import { connectTcp, createResolver } from './stream/tcp.ts'

/** Dials by ssh. */
export class SshDialer {
  readonly #options: DialerOptions
  readonly #resolve = createResolver()
  readonly #knownHosts = new KnownHostsStore()
  readonly #gate: ReturnType<typeof pLimit>

  constructor(options: DialerOptions) {
    this.#options = options
    this.#gate = pLimit(options.handshakes ?? 48)
  }

  async dial(target: Target, signal?: AbortSignal): Promise<Connection> {
    const settings = this.#settings(target)
    const name = knownHostsName(settings)
    const entries =
      settings.knownHostsLines === undefined
        ? await this.#knownHosts.read([...settings.userKnownHosts, ...settings.globalKnownHosts])
        : parseKnownHosts(settings.knownHostsLines.join('\n'), 'the known hosts of the inventory')
    const lines = linesFor(entries, name)
    const identities: Identity[] = []
    for (const file of [...settings.identityFiles, ...settings.defaultIdentityFiles]) {
      const identity = await readKeyFile(file, this.#options.prompter)
      if (identity !== undefined && 'publicKey' in identity) identities.push(identity)
    }
    return this.#gate(async () => {
      const stream = await connectTcp(
        {
          host: settings.address,
          port: settings.port,
          family: settings.family,
          bindAddress: settings.bindAddress,
          timeoutMs: settings.connectTimeoutMs,
          signal,
        },
        this.#resolve,
      )
      return handshake({
        stream,
        settings,
        hostKeyAlgorithms: hostKeyAlgorithms(lines),
        judge: async (key) => refusal(judge(lines, key), key, settings, name),
        credentials: { identities, password: async () => settings.password },
        signal,
      })
    })
  }

  async close(): Promise<void> {}

  #settings(target: Target): SshSettings {
    const home = this.#options.home ?? homedir()
    const alias = target.address ?? target.name
    return {
      name: target.name,
      alias,
      address: alias,
      port: target.port ?? 22,
      user: target.user ?? userInfo().username,
      password: target.password,
      identityFiles: target.identityFiles ?? [],
      defaultIdentityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(home, '.ssh', name)),
      identitiesOnly: false,
      agentSocket: process.env['SSH_AUTH_SOCK'],
      hostKeyAlias: undefined,
      hostKeys: target.hostKeys ?? 'refuse',
      userKnownHosts: ['known_hosts', 'known_hosts2'].map((name) => join(home, '.ssh', name)),
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      knownHostsLines: target.knownHosts,
      hashKnownHosts: false,
      proxyJump: target.proxyJump,
      proxyCommand: undefined,
      family: 0,
      bindAddress: undefined,
      connectTimeoutMs: target.connectTimeoutMs ?? 10_000,
      keepaliveMs: 10_000,
      keepaliveCount: 3,
    }
  }
}
