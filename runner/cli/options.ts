import { InvalidArgumentError, Option } from 'commander'
import type { AgeOptions } from './secrets/age-keys.ts'

/** Options that several commands share: each is defined, and worded, once. */

const collect = (value: string, all: readonly string[] = []) => [...all, value]

const list = (value: string, all: readonly string[] = []) => [
  ...all,
  ...value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
]

function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.')
  return number
}

function seconds(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number <= 86_400)) throw new InvalidArgumentError('It must be a number of seconds above 0.')
  return number
}

function secondsOrNone(value: string): number {
  return value === '0' ? 0 : Math.ceil(seconds(value))
}

const grouped = (group: string, ...options: Option[]) => options.map((option) => option.helpGroup(group))

/** Which inventory, and what its hosts' variables are. */
export const inventoryOptions = () => [
  ...grouped(
    'Which hosts:',
    new Option(
      '-i, --inventory <source>',
      'inventory: a file (YAML, INI, JSON, TypeScript), folder, script, list of hosts, or sandbox:N; may be repeated',
    ).argParser(collect),
    new Option(
      '-e, --var <key=value>',
      'set a variable on every host (the value is read as YAML), or @file.yaml',
    ).argParser(collect),
  ),
  ...secretOptions(),
]

/** Private keys for what age has encrypted. */
export const ageKeyOption = () =>
  new Option(
    '--age-key <file>',
    'private key for what age has encrypted: of age, or of ssh (ed25519, rsa); may be repeated',
  )
    .argParser(collect)
    .helpGroup('Secrets:')

/** Keys and passwords for what is encrypted. */
const secretOptions = () =>
  grouped(
    'Secrets:',
    ageKeyOption(),
    new Option(
      '--vault-password-file <file>',
      "file with the password of Ansible's vault, or a program that prints it; may be repeated",
    ).argParser(collect),
    new Option('--vault-id <id@file>', 'the same for one vault id; id@prompt asks for it').argParser(collect),
  )

/** Which hosts. */
export const hostOptions = () => [
  ...inventoryOptions(),
  ...grouped(
    'Which hosts:',
    new Option('-l, --limit <pattern>', 'only hosts that match this too; no other is changed'),
  ),
]

/** How hosts are reached. */
export const connectionOptions = () =>
  grouped(
    'How they are reached:',
    new Option('-u, --user <name>', 'log in as this user, where the inventory names none'),
    new Option('-k, --ask-pass', 'ask for the SSH password'),
    new Option('-K, --ask-become-pass', 'ask for the sudo password now, before anything is connected to'),
    new Option(
      '--private-key <file>',
      'key to log in with, before those that ssh would use; may be repeated',
    ).argParser(collect),
    new Option(
      '--transport <client>',
      "ssh: the ssh2 library, and OpenSSH's own client where only that can do it; or one of them",
    ).choices(['ssh', 'ssh2', 'openssh']),
    new Option('--accept-new-host-keys', 'trust and remember hosts that were never seen; changed keys stay refused'),
    new Option('--timeout <seconds>', "limit for reaching a host (default: ssh's ConnectTimeout, else 10)").argParser(
      seconds,
    ),
    new Option('-f, --forks <number>', 'how many hosts at a time').argParser(positive).default(50),
  )

/** What is shown. */
export const outputOptions = () =>
  grouped(
    'What is shown:',
    new Option('--output <form>', 'auto: live rows on a terminal, else lines')
      .choices(['auto', 'live', 'lines', 'json'])
      .default('auto'),
    new Option('-v, --verbose', 'show commands and unchanged operations; -vv output and connections too').argParser(
      (_: string, before: number | undefined) => (before ?? 0) + 1,
    ),
  )

export const diffOption = () => new Option('--diff', 'show each change in full').helpGroup('What is shown:')

export const checkOption = () =>
  new Option('--check', 'change nothing: predict what would change').helpGroup('What is done:')

export const tagsOption = () =>
  new Option('-t, --tags <tags>', 'only plays with one of these tags, separated by commas')
    .argParser(list)
    .helpGroup('What is done:')

/** As long as a run whose link froze may live on, and what its command then needs to end. */
const defaultLockWait = 75

export const waitLockOption = () =>
  new Option('--wait-lock <seconds>', 'how long to wait for another run that changes the same host; 0 fails at once')
    .argParser(secondsOrNone)
    .default(defaultLockWait)
    .helpGroup('What is done:')

export const typeCheckOption = () =>
  new Option('--no-type-check', 'do not type-check the playbook before the first change').helpGroup('What is done:')

/** For options that may be repeated. */
export const collected = (flags: string, description: string) => new Option(flags, description).argParser(collect)

export const readAheadOption = () =>
  new Option(
    '--no-read-ahead',
    'ask each host only when an operation needs the answer, not all at once what the last run asked',
  ).helpGroup('How they are reached:')

export interface VaultOptions {
  readonly vaultPasswordFile?: readonly string[]
  readonly vaultId?: readonly string[]
}

export interface HostOptions extends VaultOptions, AgeOptions {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly var?: readonly string[]
}

export interface ConnectionOptions {
  readonly user?: string
  readonly askPass?: true
  readonly askBecomePass?: true
  readonly privateKey?: readonly string[]
  readonly transport?: 'ssh' | 'ssh2' | 'openssh'
  readonly acceptNewHostKeys?: true
  /** In seconds. */
  readonly timeout?: number
  readonly forks: number
}

export interface OutputOptions {
  readonly output: 'auto' | 'live' | 'lines' | 'json'
  readonly verbose?: number
}
