import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import { userInfo } from 'node:os'
import { ConnectError } from '../../model/errors.ts'
import type { DialerOptions } from '../dial.ts'
import { OpenSshConnection } from '../openssh/connection.ts'
import { OpenSshDialer } from '../openssh/dialer.ts'
import { patiently, unlessAborted } from '../patience.ts'
import type { Target } from '../target.ts'
import { Keyring } from './auth/keyring.ts'
import { type Bastion, lastHop, pinnedForHop, throughBastion, viaBastion } from './bastion.ts'
import { NoCommonAlgorithm } from './broken-off.ts'
import { sshHome } from './config/expand.ts'
import { ConfigLookup } from './config/lookup.ts'
import { handshake } from './handshake.ts'
import { hostKeyAlgorithms } from './known-hosts/judge.ts'
import { scanHost, type ScannedHost } from './known-hosts/scan.ts'
import { KnownHostsStore } from './known-hosts/store.ts'
import { planRoute, type Route } from './route.ts'
import type { SshSettings } from './settings.ts'
import { Startups } from './startups.ts'
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
  readonly #openssh = new OpenSshDialer()
  readonly #onNotice: (message: string) => void
  readonly #reaching: ReturnType<typeof pLimit>
  readonly #handshakes: ReturnType<typeof pLimit>
  readonly #startups = new Startups()
  /** Bastions belong to no single host, so that one host's end must not end the dialling of them. */
  readonly #closing = new AbortController()
  readonly #bastions = new Map<string, Promise<Bastion>>()

  constructor(options: DialerOptions) {
    const handshakes = options.handshakes ?? 48
    this.#home = sshHome(options.home)
    this.#onNotice = options.onNotice ?? (() => {})
    this.#keyring = new Keyring(options.prompter)
    this.#config = new ConfigLookup({ home: this.#home, onNotice: this.#onNotice })
    this.#handshakes = pLimit(handshakes)
    this.#reaching = pLimit(handshakes * reachingPerHandshake)
  }

  dial(target: Target, signal?: AbortSignal): Promise<Bastion> {
    return this.#dial(target, signal, [])
  }

  /** How a host would be reached, and why so. Connects to nothing. Throws ConnectError `config` or `host-key`. */
  route(target: Target): Promise<Route> {
    return planRoute(target, {
      home: this.#home,
      config: this.#config,
      keyring: this.#keyring,
      knownHosts: this.#knownHosts,
      openssh: this.#openssh,
    })
  }

  /** What `ssh -F` is to be told for this target, so that it reads what is read here; undefined for nothing. */
  configArgument(target: Target): Promise<string | undefined> {
    return this.#config.argument(target.sshConfig)
  }

  /**
   * The keys that a host shows, without logging in: one connection for each type, since a server shows one key of each.
   * Throws ConnectError when it can't be reached.
   */
  async scan(target: Target, signal?: AbortSignal): Promise<ScannedHost> {
    const route = await this.route(target)
    const { settings } = route
    const bastion = await this.#bastion(settings, target, signal, [])
    return scanHost(route, this.#knownHosts, (attempt) =>
      this.#startups.at(settings)(async () => {
        const stream = await this.#stream(settings, bastion, signal)
        return this.#handshakes(() => handshake({ ...attempt, stream, settings, signal }))
      }),
    )
  }

  /** Ends the bastions, and keeps what was learnt of ssh's configuration. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the run is over'))
    const bastions = await Promise.allSettled(this.#bastions.values())
    this.#bastions.clear()
    // Those furthest out first: each hangs on the ones before.
    for (const bastion of bastions.toReversed()) if (bastion.status === 'fulfilled') await bastion.value.close()
    await Promise.all([this.#config.save(), this.#openssh.close(), this.#knownHosts.written()])
  }

  async #dial(target: Target, signal: AbortSignal | undefined, chain: readonly string[]): Promise<Bastion> {
    const route = await this.route(target)
    if (route.openssh !== undefined) return this.#dialOpenSsh(route, target, signal, chain)
    try {
      return await this.#dialSsh2(route, target, signal, chain)
    } catch (error) {
      if (!(error instanceof NoCommonAlgorithm) || target.transport === 'ssh2') throw error
      // No credential was judged yet, so that this is no second failure in the eyes of the server.
      this.#onNotice(`${route.settings.name}: OpenSSH's ssh is tried in place of ssh2: ${error.message}`)
      return this.#dialOpenSsh(route, target, signal, chain).catch((second: unknown) => {
        throw second instanceof ConnectError && second.stage === 'config' ? error : second
      })
    }
  }

  async #dialSsh2(route: Route, target: Target, signal: AbortSignal | undefined, chain: readonly string[]) {
    const { settings, gatekeeper, keys, lines } = route
    // Before the gates, since a bastion passes through them as well.
    const bastion = await this.#bastion(settings, target, signal, chain)
    const reach = async () => {
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
          ask: (question) => this.#keyring.ask(settings, question),
          onHostKeys: (proven) => gatekeeper.learn(proven),
          signal,
        }),
      )
    }
    return this.#startups.at(settings)(() => this.#reaching(reach))
  }

  async #dialOpenSsh(
    { settings }: Route,
    target: Target,
    signal: AbortSignal | undefined,
    chain: readonly string[],
  ): Promise<OpenSshConnection> {
    // Its own way through a jump host would be a connection for each host behind it.
    const bastion = await this.#bastion(settings, { ...target, transport: 'openssh' }, signal, chain)
    const request = {
      settings,
      configFile: await this.configArgument(target),
      options: target.sshOptions ?? [],
      foreignHome: this.#home !== userInfo().homedir,
      bastion: bastion instanceof OpenSshConnection ? bastion : undefined,
      answer: this.#keyring.answerer(settings),
      signal,
    }
    return this.#startups.at(settings)(() => this.#openssh.dial(request))
  }

  #stream(settings: SshSettings, bastion: Bastion | undefined, signal: AbortSignal | undefined): Promise<Duplex> {
    signal?.throwIfAborted()
    const { address, port, family, bindAddress, connectTimeoutMs, proxyCommand } = settings
    if (bastion !== undefined) return throughBastion(bastion, address, port, connectTimeoutMs)
    if (proxyCommand !== undefined) return proxyStream(settings, proxyCommand)
    return connectTcp({ host: address, port, family, bindAddress, timeoutMs: connectTimeoutMs, signal }, this.#resolve)
  }

  /** The connection to the last jump host, shared by all hosts behind it; undefined for hosts that are reached directly. */
  async #bastion(
    settings: SshSettings,
    target: Target,
    signal: AbortSignal | undefined,
    chain: readonly string[],
  ): Promise<Bastion | undefined> {
    if (settings.proxyJump === undefined) return undefined
    const bare = lastHop(settings.proxyJump, target, target.transport === 'openssh' ? 'openssh' : undefined)
    if (bare === undefined) return undefined
    const knownHosts = target.knownHosts && pinnedForHop(target.knownHosts, (await this.route(bare)).settings)
    const hop: Target = { ...bare, ...(knownHosts && { knownHosts }) }
    const key = JSON.stringify([settings.proxyJump, hop.transport, hop.sshConfig, hop.knownHosts, hop.hostKeys])
    if ((chain.includes(settings.proxyJump) && hop.proxyJump === undefined) || chain.length >= deepestChain) {
      throw new ConnectError(
        'config',
        `${settings.name}: the jump hosts go round in a circle: ${[...chain, settings.proxyJump].join(' -> ')}`,
      )
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

  #dialBastion(hop: Target, chain: readonly string[]): Promise<Bastion> {
    const { signal } = this.#closing
    return patiently(() => this.#dial(hop, signal, chain), signal)
  }
}
