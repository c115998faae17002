import { resolve } from 'node:path'
import type { Inventory, InventoryHost } from '../../inventory/inventory.ts'
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
  readonly acceptNewHostKeys: boolean
  readonly connectTimeoutMs: number
}

/** Ansible's names, newest first, for each thing that a connection can be told. */
const names = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  connection: ['ansible_connection'],
  key: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'],
  arguments: ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'],
} as const

/** How a host of an inventory is reached. Throws TsplayError INVENTORY, with the place, for a variable that makes no sense. */
export function targetOf(inventory: Inventory, name: string, defaults: ConnectionDefaults, cwd: string): Target {
  const host = inventory.hosts.get(name)
  if (host === undefined) throw new TsplayError('INVENTORY', `${inventory.source} has no host "${name}"`)
  const text = (which: keyof typeof names) => textOf(host, names[which])
  const port = text('port')
  const user = text('user') ?? defaults.user
  const address = text('address')
  const key = text('key')
  const password = secretOf(host, 'password') ?? defaults.password
  const becomePassword = secretOf(host, 'becomePassword') ?? defaults.becomePassword
  const jump = proxyJump(host, text('arguments'))
  const files = [...(defaults.identityFiles ?? []), ...(key === undefined ? [] : [key])]
  return {
    name,
    transport: transportOf(host, text('connection')),
    hostKeys: defaults.acceptNewHostKeys ? 'accept-new' : 'refuse',
    connectTimeoutMs: defaults.connectTimeoutMs,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port: portOf(host, port) }),
    ...(user === undefined ? {} : { user }),
    ...(files.length === 0 ? {} : { identityFiles: files.map((file) => expand(file, cwd)) }),
    ...(password === undefined ? {} : { password }),
    ...(becomePassword === undefined ? {} : { becomePassword }),
    ...(jump === undefined ? {} : { proxyJump: jump }),
  }
}

function find(host: InventoryHost, among: readonly string[]): readonly [string, unknown] | undefined {
  const name = among.find((one) => host.vars[one] !== undefined && host.vars[one] !== null)
  return name === undefined ? undefined : [name, host.vars[name]]
}

function textOf(host: InventoryHost, among: readonly string[]): string | undefined {
  const found = find(host, among)
  if (found === undefined) return undefined
  const [name, value] = found
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw wrong(host, name, 'it must be text')
}

function secretOf(host: InventoryHost, which: 'password' | 'becomePassword'): Secret<string> | undefined {
  const found = find(host, names[which])
  if (found === undefined) return undefined
  const [name, value] = found
  if (value instanceof Secret) return value as Secret<string>
  if (typeof value === 'string' || typeof value === 'number') return new Secret(String(value))
  throw wrong(host, name, 'it must be text')
}

function portOf(host: InventoryHost, text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw wrong(host, find(host, names.port)?.[0] ?? 'ansible_port', `${text} is no port`)
}

function transportOf(host: InventoryHost, connection: string | undefined): 'ssh' | 'local' {
  if (connection === undefined || /^(?:ssh|smart|paramiko(?:_ssh)?|ansible\.builtin\.ssh)$/.test(connection))
    return 'ssh'
  if (/^(?:local|ansible\.builtin\.local)$/.test(connection)) return 'local'
  throw wrong(host, 'ansible_connection', `"${connection}" is not supported: ssh and local are`)
}

/** Of ssh's own arguments only the bastion is taken; the rest belongs into ~/.ssh/config, which is read. */
function proxyJump(host: InventoryHost, args: string | undefined): string | undefined {
  if (args === undefined || args.trim() === '') return undefined
  const match = /^\s*(?:-J\s*|-o\s*['"]?ProxyJump[= ]\s*)([^\s'"]+)['"]?\s*$/.exec(args)
  if (match?.[1] !== undefined) return match[1]
  const name = find(host, names.arguments)?.[0] ?? 'ansible_ssh_common_args'
  throw wrong(host, name, `"${args}" is not supported: only -J HOST is; put other settings into ~/.ssh/config`)
}

const expand = (file: string, cwd: string) =>
  file.startsWith('~/') ? `${process.env['HOME'] ?? ''}${file.slice(1)}` : resolve(cwd, file)

function wrong(host: InventoryHost, name: string, why: string): TsplayError {
  const origin = host.origins.get(name) ?? host.origin
  const at = [origin.file, origin.line, origin.column].filter((part) => part !== undefined).join(':')
  return new TsplayError('INVENTORY', `${host.name}: ${name}: ${why}`, { at })
}
