import type { InventoryHost } from './inventory.ts'
import { didYouMean } from './near.ts'
import { errorAt, placeOf } from './place.ts'
import { revealAny } from '../runner/model/secret.ts'
import { Sealed } from './secrets/sealed.ts'
import { parseSshArgs, SshArgsFault } from './ssh-args.ts'
import type { SshArgs } from './ssh-args.ts'
import { unusable } from './secrets/unusable.ts'

/** How a host is to be reached, as its variables say; what is absent, none of them says. */
export interface ConnectionVars {
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly transport?: 'ssh' | (typeof transports)[number]
  readonly identityFiles?: readonly string[]
  /** Plain text from YAML; an object, such as the Secret of a TypeScript inventory, is handed on as it is. */
  readonly password?: string | object
  readonly becomePassword?: string | object
  readonly becomeMethod?: (typeof becomeMethods)[number]
  readonly hostKeys?: 'refuse' | 'accept-new'
  /** Lines of a known_hosts file. */
  readonly knownHosts?: readonly string[]
  readonly sshConfig?: string
  /** `user@host:port,…`, as ssh's ProxyJump. */
  readonly proxyJump?: string
  readonly connectTimeoutMs?: number
  /** What a run locks on the host; `false` for nothing. */
  readonly lock?: string | false
}

/**
 * The names of each variable, the strongest first: Ansible's, then those of the mapping `connection`. There, and only
 * there, the names are plain ones: a variable `port` or `user` beside it is the application's, as in any inventory.
 */
const names = {
  address: ['ansible_ssh_host', 'ansible_host', 'connection.host'],
  port: ['ansible_ssh_port', 'ansible_port', 'connection.port'],
  user: ['ansible_ssh_user', 'ansible_user', 'connection.user'],
  transport: ['ansible_connection', 'connection.transport'],
  identityFiles: ['ansible_ssh_private_key_file', 'ansible_private_key_file', 'connection.identityFile'],
  password: ['ansible_ssh_password', 'ansible_ssh_pass', 'ansible_password', 'connection.password'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass', 'connection.becomePassword'],
  becomeMethod: ['ansible_become_method', 'connection.becomeMethod'],
  hostKeys: ['connection.hostKeys'],
  checking: ['ansible_ssh_host_key_checking', 'ansible_host_key_checking'],
  knownHosts: ['connection.knownHosts'],
  proxyJump: ['connection.proxyJump'],
  timeout: ['ansible_ssh_timeout', 'ansible_timeout'],
  lock: ['connection.lock'],
} as const

const mapping = 'connection'
const plainNames: readonly string[] = Object.values(names)
  .flat()
  .filter((name) => name.startsWith(`${mapping}.`))
  .map((name) => name.slice(mapping.length + 1))

const argNames = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args']

/**
 * Reads how to reach a host from its variables: Ansible's names (`ansible_host`, `ansible_port`, `ansible_user`,
 * `ansible_connection`, `ansible_ssh_private_key_file`, `ansible_ssh_common_args` …), or plain ones in the mapping
 * `connection` (`host`, `port`, `user`, `transport`, `identityFile`, `proxyJump`, `hostKeys`, `knownHosts` …). Throws `INVENTORY` at the first value that
 * can't be meant, with its place.
 */
export function connectionVars(host: InventoryHost): ConnectionVars {
  refuseUnknown(host)
  const args = readArgs(host)
  const checking = boolean(host, names.checking)
  const timeout = whole(host, names.timeout, 1, 86_400, 'a number of seconds')
  const found = {
    address: word(host, names.address) ?? undefined,
    port: whole(host, names.port, 1, 65_535, 'a port from 1 to 65535') ?? args.port,
    user: word(host, names.user) ?? args.user,
    transport: transport(host),
    identityFiles: list(host, names.identityFiles) ?? args.identityFiles,
    password: secret(host, names.password),
    becomePassword: secret(host, names.becomePassword),
    becomeMethod: becomeMethod(host),
    hostKeys: hostKeys(host) ?? (checking === false ? 'accept-new' : undefined) ?? args.hostKeys,
    knownHosts: list(host, names.knownHosts),
    sshConfig: args.sshConfig,
    proxyJump: word(host, names.proxyJump) ?? args.proxyJump,
    connectTimeoutMs: timeout === undefined ? undefined : timeout * 1000,
    lock: lock(host),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

interface Found {
  readonly name: string
  readonly value: unknown
}

/** What `connection` holds; a value of another shape is an error. */
function connectionOf(host: InventoryHost): Readonly<Record<string, unknown>> {
  const value = host.vars[mapping]
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && value.constructor === Object) return { ...value }
  throw fault(host, mapping, `a mapping is expected, not ${kind(value)}`, `Write { host: 192.0.2.1, user: deploy }.`)
}

function refuseUnknown(host: InventoryHost): void {
  if (!Object.hasOwn(host.vars, mapping)) return
  const strange = Object.keys(connectionOf(host)).find((key) => !plainNames.includes(key))
  if (strange === undefined) return
  throw fault(
    host,
    mapping,
    `it has no "${strange}".${didYouMean(strange, plainNames)}`,
    `There are ${plainNames.join(', ')}.`,
  )
}

function valueOf(host: InventoryHost, name: string): unknown {
  if (name.startsWith(`${mapping}.`))
    return Object.hasOwn(host.vars, mapping) ? connectionOf(host)[name.slice(mapping.length + 1)] : undefined
  return Object.hasOwn(host.vars, name) ? host.vars[name] : undefined
}

/** The strongest of the names that has a value. */
function pick(host: InventoryHost, wanted: readonly string[]): Found | undefined {
  for (const name of wanted) {
    const value = valueOf(host, name)
    if (value instanceof Sealed) throw fault(host, name, `the value ${value.reason}`, value.hint)
    if (value !== undefined && value !== null && value !== '') return { name, value }
  }
  return undefined
}

/** The same, taken out of a Secret: a user or an address from an encrypted file. */
function pickOpen(host: InventoryHost, wanted: readonly string[]): Found | undefined {
  const found = pick(host, wanted)
  return found && { name: found.name, value: revealAny(found.value) }
}

/** The inventory's variable that holds it. */
const variable = (name: string) => (name.startsWith(`${mapping}.`) ? mapping : name)

function fault(host: InventoryHost, name: string, message: string, hint?: string) {
  const place = placeOf(host, host.origins.get(variable(name)) ?? host.origin)
  return errorAt(place, `${name} of ${host.name}: ${message}`, hint)
}

function text(host: InventoryHost, wanted: readonly string[]): string | undefined {
  const found = pickOpen(host, wanted)
  return found && checkText(host, found)
}

function secret(host: InventoryHost, wanted: readonly string[]): string | object | undefined {
  const value = pick(host, wanted)?.value
  const plain = Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object)
  return typeof value === 'object' && value !== null && !plain ? value : text(host, wanted)
}

function checkText(host: InventoryHost, { name, value }: Found): string {
  if (typeof value !== 'string')
    throw fault(host, name, `text is expected, not ${kind(value)}`, 'Put the value in quotes.')
  const why = unusable(value)
  if (why && !placeOf(host, host.origins.get(variable(name)) ?? host.origin).unsafe)
    throw fault(host, name, `the value ${why.reason}`, why.hint)
  return value
}

/** Text that ends up as one argument of ssh: no white space, and no option. */
function word(host: InventoryHost, wanted: readonly string[]): string | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const value = checkText(host, found)
  if (/[\s\u0000-\u001f]/.test(value) || value.startsWith('-'))
    throw fault(host, found.name, 'one word is expected, without spaces and not beginning with "-"')
  return value
}

function whole(
  host: InventoryHost,
  wanted: readonly string[],
  least: number,
  most: number,
  noun: string,
): number | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const { name, value } = found
  if (typeof value === 'string') checkText(host, found)
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
  throw fault(host, name, `${noun} is expected, not ${typeof number === 'number' ? number : kind(value)}`)
}

function boolean(host: InventoryHost, wanted: readonly string[]): boolean | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  if (typeof found.value === 'boolean') return found.value
  if (/^(?:true|yes|on|1)$/i.test(String(found.value))) return true
  if (/^(?:false|no|off|0)$/i.test(String(found.value))) return false
  throw fault(host, found.name, `true or false is expected, not ${kind(found.value)}`)
}

function list(host: InventoryHost, wanted: readonly string[]): string[] | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const values: unknown[] = Array.isArray(found.value) ? found.value : [found.value]
  return values.map((value) => checkText(host, { name: found.name, value }))
}

const transports = ['ssh2', 'openssh', 'local', 'docker', 'podman', 'kubectl', 'chroot'] as const

function transport(host: InventoryHost): ConnectionVars['transport'] {
  const found = text(host, names.transport)
  if (found === undefined) return undefined
  // Ansible's full names: community.docker.docker, kubernetes.core.kubectl, ansible.builtin.local.
  const value = found.replace(/^[a-z]+\.[a-z]+\./, '').replace(/^docker_api$/, 'docker')
  if (/^(?:ssh|smart|paramiko|paramiko_ssh)$/.test(value)) return 'ssh'
  const way = transports.find((known) => known === value)
  if (way !== undefined) return way
  const { name } = pick(host, names.transport)!
  const known = ['ssh', ...transports]
  const meant = `"${found}" is no way to reach a host.${didYouMean(value, known)}`
  throw fault(host, name, meant, `There are ${known.join(', ')}.`)
}

function lock(host: InventoryHost): ConnectionVars['lock'] {
  if (pick(host, names.lock)?.value === false) return false
  const path = word(host, names.lock)
  if (path === undefined || path.startsWith('/')) return path
  throw fault(host, names.lock[0], `a path from the root is expected, or false for no lock, not "${path}"`)
}

const becomeMethods = ['sudo', 'su', 'doas', 'run0', 'sudo-per-command'] as const

function becomeMethod(host: InventoryHost): ConnectionVars['becomeMethod'] {
  const found = text(host, names.becomeMethod)
  if (found === undefined) return undefined
  const value = found.replace(/^(?:ansible\.builtin|community\.general)\./, '')
  const method = becomeMethods.find((known) => known === value)
  if (method !== undefined) return method
  const { name } = pick(host, names.becomeMethod)!
  const known = [...becomeMethods]
  throw fault(host, name, `"${value}" is not supported.${didYouMean(value, known)}`, `There are ${known.join(', ')}.`)
}

function hostKeys(host: InventoryHost): 'refuse' | 'accept-new' | undefined {
  const value = text(host, names.hostKeys)
  if (value === undefined || value === 'refuse' || value === 'accept-new') return value
  throw fault(
    host,
    'connection.hostKeys',
    `"${value}" is neither "refuse" nor "accept-new".${didYouMean(value, ['refuse', 'accept-new'])}`,
  )
}

interface Args extends Omit<SshArgs, 'port'> {
  port?: number
}

function readArgs(host: InventoryHost): Args {
  const found: Args = {}
  for (const name of argNames) {
    const value = text(host, [name])
    if (value === undefined) continue
    const { port, ...rest } = parse(host, name, value)
    Object.assign(found, rest)
    if (port === undefined) continue
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
      throw fault(host, name, `a port from 1 to 65535 is expected, not ${port}`)
    found.port = Number(port)
  }
  return found
}

function parse(host: InventoryHost, name: string, value: string): SshArgs {
  try {
    return parseSshArgs(value)
  } catch (error) {
    if (!(error instanceof SshArgsFault)) throw error
    throw fault(
      host,
      name,
      error.message,
      'Put such options into ~/.ssh/config, which is read; -J, -p, -l, -i, -F and -o ProxyJump= can stay here.',
    )
  }
}

/** What a value is, without showing it. */
function kind(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}
