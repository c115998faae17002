import { connectionArgs } from './connection-args.ts'
import { boolean, connectionOf, fault, list, mapping, pick, secret, text, whole, word } from './connection-value.ts'
import type { InventoryHost } from './inventory.ts'
import { didYouMean } from './near.ts'

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
  /** `Keyword=value`, as `ssh -o` takes it, the strongest first. */
  readonly sshOptions?: readonly string[]
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

const plainNames: readonly string[] = Object.values(names)
  .flat()
  .filter((name) => name.startsWith(`${mapping}.`))
  .map((name) => name.slice(mapping.length + 1))

/**
 * Reads how to reach a host from its variables: Ansible's names (`ansible_host`, `ansible_port`, `ansible_user`,
 * `ansible_connection`, `ansible_ssh_private_key_file`, `ansible_ssh_common_args` …), or plain ones in the mapping
 * `connection` (`host`, `port`, `user`, `transport`, `identityFile`, `proxyJump`, `hostKeys`, `knownHosts` …). Throws `INVENTORY` at the first value that
 * can't be meant, with its place.
 */
export function connectionVars(host: InventoryHost): ConnectionVars {
  refuseUnknown(host)
  const args = connectionArgs(host)
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
    sshOptions: args.sshOptions,
    proxyJump: word(host, names.proxyJump) ?? args.proxyJump,
    connectTimeoutMs: timeout === undefined ? undefined : timeout * 1000,
    lock: lock(host),
  }
  return withoutUndefined(found)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function withoutUndefined(found: {
  readonly [K in keyof ConnectionVars]-?: ConnectionVars[K] | undefined
}): ConnectionVars {
  const said: Mutable<ConnectionVars> = {}
  const put = <K extends keyof ConnectionVars>(name: K, value: ConnectionVars[K] | undefined) => {
    if (value !== undefined) said[name] = value
  }
  let name: keyof ConnectionVars
  for (name in found) put(name, found[name])
  return said
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
