import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { connectionVars } from '../../inventory/connection.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { TsplayError } from '../model/errors.ts'
import { Secret } from '../model/secret.ts'
import type { Target } from '../transport/target.ts'

/** What the command line says of how all hosts are reached. */
export interface ConnectionDefaults {
  /** Where the inventory names none. */
  readonly user?: string
  /** Before those of the inventory. */
  readonly identityFiles?: readonly string[]
  readonly password?: Secret<string>
  readonly becomePassword?: Secret<string>
  /** For hosts that the inventory does not reach in another way. */
  readonly transport?: 'ssh' | 'ssh2' | 'openssh'
  /** For hosts that the inventory says nothing else of. */
  readonly acceptNewHostKeys?: boolean
  readonly connectTimeoutMs?: number
}

/** How a host of an inventory is reached. Throws TsplayError INVENTORY, with the place, for a variable that makes no sense. */
export function targetOf(inventory: Inventory, name: string, defaults: ConnectionDefaults, cwd: string): Target {
  const host = inventory.hosts.get(name)
  if (host === undefined) throw new TsplayError('INVENTORY', `${inventory.source} has no host "${name}"`)
  const { user = defaults.user, password, becomePassword, identityFiles = [], ...vars } = connectionVars(host)
  const login = secretOf(password, `${name}: password`) ?? defaults.password
  const become = secretOf(becomePassword, `${name}: becomePassword`) ?? defaults.becomePassword
  const files = [...(defaults.identityFiles ?? []), ...identityFiles].map((file) => expand(file, cwd))
  return {
    name,
    ...(defaults.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: defaults.connectTimeoutMs }),
    ...(defaults.acceptNewHostKeys === true ? { hostKeys: 'accept-new' } : {}),
    ...(defaults.transport === undefined ? {} : { transport: defaults.transport }),
    ...vars,
    ...(user === undefined ? {} : { user }),
    ...(files.length === 0 ? {} : { identityFiles: files }),
    ...(login === undefined ? {} : { password: login }),
    ...(become === undefined ? {} : { becomePassword: become }),
  }
}

function secretOf(value: string | object | undefined, what: string): Secret<string> | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return new Secret(value)
  // A typed inventory's secret, of which the inventory knows only that it is an object.
  if (value instanceof Secret) return value as Secret<string>
  throw new TsplayError('INVENTORY', `${what} is neither text nor a Secret`)
}

const expand = (file: string, cwd: string) =>
  file.startsWith('~/') ? `${homedir()}${file.slice(1)}` : resolve(cwd, file)
