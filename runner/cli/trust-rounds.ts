import pLimit from 'p-limit'
import { ConnectError } from '../model/errors.ts'
import { lastHop } from '../transport/ssh/bastion.ts'
import type { SshDialer } from '../transport/ssh/dialer.ts'
import type { ScannedKey } from '../transport/ssh/known-hosts/scan.ts'
import { describe } from '../transport/ssh/settings.ts'
import type { Target } from '../transport/target.ts'

/** A chain of jump hosts longer than that is a circle, of which dialling tells. */
const deepest = 8

/** Targets in an order in which each comes after the jump hosts that lead to it; those themselves are added. */
export async function inRounds(dialer: SshDialer, targets: readonly Target[]): Promise<readonly (readonly Target[])[]> {
  const rounds: Map<string, Target>[] = []
  const depthOf = async (target: Target, left: number): Promise<number> => {
    const { settings } = await dialer.route(target)
    const hop =
      settings.proxyJump === undefined || left === 0 ? undefined : lastHop(settings.proxyJump, target, undefined)
    const depth = hop === undefined ? 0 : (await depthOf(hop, left - 1)) + 1
    // Hosts of the inventory that are jump hosts too are looked at once.
    const key = `${settings.address}\n${settings.port}\n${settings.hostKeyAlias ?? ''}`
    const round = (rounds[depth] ??= new Map<string, Target>())
    if (!round.has(key)) round.set(key, target)
    return depth
  }
  for (const target of targets) await depthOf(target, deepest)
  return rounds.map((round) => [...round.values()])
}

/** What was found of one host. */
export interface KeysOfHost {
  readonly name: string
  /** Address and port, for people. */
  readonly where: string
  readonly keys: readonly ScannedKey[]
  /** The file that new keys go to. */
  readonly file: string | undefined
  /** Why it could not be looked at. */
  readonly error: string | undefined
}

/** Collects the keys of many hosts at once. Never rejects for a host that can't be reached. */
export function collectKeys(dialer: SshDialer, targets: readonly Target[], atOnce: number): Promise<KeysOfHost[]> {
  const gate = pLimit(atOnce)
  return Promise.all(
    targets.map((target) =>
      gate(async () => {
        const { name } = target
        try {
          const { settings, keys, file } = await dialer.scan(target)
          return { name, where: describe(settings), keys, file, error: undefined }
        } catch (error) {
          if (!(error instanceof ConnectError)) throw error
          return { name, where: '', keys: [], file: undefined, error: error.message }
        }
      }),
    ),
  )
}
