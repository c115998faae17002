import pLimit, { type LimitFunction } from 'p-limit'
import type { SshSettings } from './settings.ts'

/** From the tenth connection that has not logged in yet, sshd turns some away (sshd_config(5), MaxStartups 10:30:100). */
const perServer = 8

/** How many connections at once wait for their login at one server, however many hosts of the inventory that is. */
export class Startups {
  readonly #gates = new Map<string, LimitFunction>()

  at({ address, port, proxyJump, proxyCommand }: SshSettings): LimitFunction {
    const server = JSON.stringify([address, port, proxyJump, proxyCommand])
    const gate = this.#gates.get(server) ?? pLimit(perServer)
    this.#gates.set(server, gate)
    return gate
  }
}
