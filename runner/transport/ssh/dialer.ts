import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import { ConnectError } from '../../model/errors.ts'
import type { DialerOptions } from '../dial.ts'
import { patiently, unlessAborted } from '../patience.ts'
import type { Target } from '../target.ts'
import { Keyring } from './auth/keyring.ts'
import { sshHome } from './config/expand.ts'
import { ConfigLookup } from './config/lookup.ts'
import { resolveSettings } from './config/resolve.ts'
import type { SshConnection } from './connection.ts'
import { handshake } from './handshake.ts'
import { Gatekeeper } from './known-hosts/gatekeeper.ts'
import { hostKeyAlgorithms } from './known-hosts/judge.ts'
import { KnownHostsStore } from './known-hosts/store.ts'
import type { SshSettings } from './settings.ts'
import { forward, parseJump } from './stream/jump.ts'
import { proxyStream } from './stream/proxy-command.ts'
import { connectTcp, createResolver } from './stream/tcp.ts'

/** More bastions behind one another than anybody has: a loop in the configuration. */
const deepestChain = 8

/** Hosts that are being reached at once, for each handshake in flight: those that are down must not hold the others up. */
const reachingPerHandshake = 4

/** Dials by ssh, and holds what the connections of a run share: keys, known hosts, names, configuration, bastions. */
export class SshDialer {
  readonly #home: string
  readonly #resolve = createResolver()
  readonly #knownHosts = new KnownHostsStore()
  readonly #keyring: Keyring
  readonly #config: ConfigLookup
  readonly #reaching: ReturnType<typeof pLimit>
  readonly #handshakes: ReturnType<typeof pLimit>
  /** Bastions belong to no single host, so that one host's end must not end the dialling of them. */
  readonly #closing = new AbortController()
  readonly #bastions = new Map<string, Promise<SshConnection>>()

  constructor(options: DialerOptions) {
    const handshakes = options.handshakes ?? 48
    this.#home = sshHome(options.home)
    this.#keyring = new Keyring(options.prompter)
    this.#config = new ConfigLookup({ home: this.#home, onNotice: options.onNotice ?? (() => {}) })
    this.#handshakes = pLimit(handshakes)
    this.#reaching = pLimit(handshakes * reachingPerHandshake)
  }

  dial(target: Target, signal?: AbortSignal): Promise<SshConnection> {
    return this.#dial(target, signal, [])
  }

  /** Ends the bastions, and keeps what was learnt of ssh's configuration. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the run is over'))
    const bastions = await Promise.allSettled(this.#bastions.values())
    this.#bastions.clear()
    // Those furthest out first: each hangs on the ones before.
    for (const bastion of bastions.toReversed()) if (bastion.status === 'fulfilled') await bastion.value.close()
    await this.#config.save()
  }

  async #dial(target: Target, signal: AbortSignal | undefined, chain: readonly string[]): Promise<SshConnection> {
    const alias = target.address ?? target.name
    const answer = await this.#config.find({ host: alias, user: target.user, port: target.port }, target.sshConfig)
    const settings = resolveSettings(target, answer, this.#home)
    const gatekeeper = new Gatekeeper(settings, this.#knownHosts)
    const [lines, keys] = await Promise.all([gatekeeper.lines(), this.#keyring.select(settings)])
    // Before the gates, since a bastion passes through them as well.
    const bastion = await this.#bastion(settings, target, signal, chain)
    return this.#reaching(async () => {
      const stream = await this.#stream(settings, bastion, signal)
      return this.#handshakes(() =>
        handshake({
          stream,
          settings,
          hostKeyAlgorithms: hostKeyAlgorithms(lines),
          judge: (key) => gatekeeper.judge(key),
          identities: keys.identities,
          notes: keys.notes,
          password: () => this.#keyring.password(settings),
          signal,
        }),
      )
    })
  }

  #stream(settings: SshSettings, bastion: SshConnection | undefined, signal: AbortSignal | undefined): Promise<Duplex> {
    signal?.throwIfAborted()
    const { address, port, family, bindAddress, connectTimeoutMs, proxyCommand } = settings
    if (bastion !== undefined) return forward(bastion, address, port, connectTimeoutMs)
    if (proxyCommand !== undefined) return proxyStream(settings, proxyCommand)
    return connectTcp({ host: address, port, family, bindAddress, timeoutMs: connectTimeoutMs, signal }, this.#resolve)
  }

  /** The connection to the last jump host, shared by all hosts behind it; undefined for hosts that are reached directly. */
  async #bastion(
    settings: SshSettings,
    target: Target,
    signal: AbortSignal | undefined,
    chain: readonly string[],
  ): Promise<SshConnection | undefined> {
    if (settings.proxyJump === undefined) return undefined
    const hops = parseJump(settings.proxyJump)
    const last = hops.at(-1)
    if (last === undefined) return undefined
    const before = settings.proxyJump.split(',').slice(0, -1).join(',')
    const key = JSON.stringify([settings.proxyJump, target.sshConfig, target.knownHosts, target.hostKeys])
    if ((chain.includes(settings.proxyJump) && before === '') || chain.length >= deepestChain) {
      throw new ConnectError(
        'config',
        `${settings.name}: the jump hosts go round in a circle: ${[...chain, settings.proxyJump].join(' -> ')}`,
      )
    }
    const hop: Target = {
      name: last.address,
      ...(last.port !== undefined && { port: last.port }),
      ...(last.user !== undefined && { user: last.user }),
      ...(target.sshConfig !== undefined && { sshConfig: target.sshConfig }),
      ...(target.knownHosts !== undefined && { knownHosts: target.knownHosts }),
      ...(target.hostKeys !== undefined && { hostKeys: target.hostKeys }),
      ...(target.connectTimeoutMs !== undefined && { connectTimeoutMs: target.connectTimeoutMs }),
      // A chain says how each but its first is reached.
      ...(before !== '' && { proxyJump: before }),
    }
    const known = this.#bastions.get(key) ?? this.#dialBastion(hop, [...chain, settings.proxyJump])
    this.#bastions.set(key, known)
    const forget = () => {
      if (this.#bastions.get(key) === known) this.#bastions.delete(key)
    }
    try {
      const connection = await unlessAborted(known, signal)
      void connection.closed.then(forget)
      return connection
    } catch (error) {
      known.catch(forget)
      throw viaBastion(error, settings)
    }
  }

  #dialBastion(hop: Target, chain: readonly string[]): Promise<SshConnection> {
    const { signal } = this.#closing
    return patiently(() => this.#dial(hop, signal, chain), signal)
  }
}

/** The host behind is not at fault, and the message must say so. */
function viaBastion(error: unknown, settings: SshSettings): unknown {
  if (!(error instanceof ConnectError)) return error
  return new ConnectError(error.stage, `${settings.name}: its jump host can not be reached: ${error.message}`, {
    cause: error,
    retryable: false,
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}
