import type { SshSettings } from '../ssh/settings.ts'

/** What starts the one connection to a host. */
export interface MasterOptions {
  readonly settings: SshSettings
  /** As `ssh -F` wants it; undefined for ssh's own choice. */
  readonly configFile: string | undefined
  /** As `-o` takes them; what is said here counts before them. */
  readonly options: readonly string[]
  /** Key files that the configuration does not name. */
  readonly identityFiles: readonly string[]
  /** Where the other processes find it. */
  readonly socket: string
  /** A file in place of the user's and the system's known_hosts. */
  readonly knownHostsFile: string | undefined
  /** What connects to the host, in place of what is configured: the way through a bastion. */
  readonly proxyCommand: string | undefined
  /** Whether somebody answers what ssh asks. */
  readonly answered: boolean
}

/** A value of an option that may hold spaces: ssh splits it as it does lines of its configuration. */
const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`

const pairs = (options: readonly string[]) => options.flatMap((option) => ['-o', option])

const config = (file: string | undefined) => (file === undefined ? [] : ['-F', file])

/** Arguments of ssh for a connection that waits for others to use it and tells its progress. */
export function masterArguments(options: MasterOptions): string[] {
  const { settings, configFile, identityFiles, socket, knownHostsFile, proxyCommand, answered } = options
  const known =
    knownHostsFile === undefined
      ? [
          `UserKnownHostsFile=${fileList(settings.userKnownHosts)}`,
          `GlobalKnownHostsFile=${fileList(settings.globalKnownHosts)}`,
        ]
      : [`UserKnownHostsFile=${quoted(knownHostsFile)}`, 'GlobalKnownHostsFile=none', 'KnownHostsCommand=none']
  return [
    ...config(configFile),
    '-v',
    '-T',
    '-N',
    '-M',
    '-S',
    socket,
    '-l',
    settings.user,
    '-p',
    String(settings.port),
    ...pairs([
      // A wrong answer counts as a failure on the server: it is given once.
      ...(answered ? ['BatchMode=no', 'NumberOfPasswordPrompts=1'] : ['BatchMode=yes']),
      'ControlPersist=no',
      // What the configuration may say for people at a terminal, and what would keep the connection from being ours.
      'ClearAllForwardings=yes',
      'ForkAfterAuthentication=no',
      'PermitLocalCommand=no',
      'RemoteCommand=none',
      'ForwardX11=no',
      `ForwardAgent=${settings.forwardAgent ? 'yes' : 'no'}`,
      // ssh would leave it, since the files are named here.
      `UpdateHostKeys=${settings.learnHostKeys ? 'yes' : 'no'}`,
      `StrictHostKeyChecking=${settings.hostKeys === 'refuse' ? 'yes' : 'accept-new'}`,
      `ConnectTimeout=${Math.max(1, Math.ceil(settings.connectTimeoutMs / 1000))}`,
      `ServerAliveInterval=${Math.max(1, Math.ceil(settings.keepaliveMs / 1000))}`,
      `ServerAliveCountMax=${settings.keepaliveCount}`,
      ...known,
      ...identityFiles.map((file) => `IdentityFile=${quoted(file)}`),
      ...(proxyCommand === undefined ? [] : [`ProxyCommand=${proxyCommand}`]),
      // The first one counts to ssh.
      ...options.options,
    ]),
    '--',
    settings.alias,
  ]
}

const fileList = (files: readonly string[]) => (files.length === 0 ? 'none' : files.map(quoted).join(' '))

/** What the channels of a connection share. */
export interface Channels {
  readonly socket: string
  readonly forwardAgent: boolean
  /** `NAME=value`: offered to the server for every program. */
  readonly environment: readonly string[]
}

/** Arguments of ssh for whatever goes through a connection that is there; it never makes one of its own. */
const throughMaster = ({ socket, forwardAgent, environment }: Channels) => [
  '-F',
  'none',
  '-T',
  '-S',
  socket,
  // Where the server refuses another session, ssh would connect anew, and silently.
  ...pairs(['ControlMaster=no', 'ProxyCommand=exit 255', 'BatchMode=yes', 'LogLevel=ERROR', 'EscapeChar=none']),
  ...(forwardAgent ? ['-A'] : []),
  ...(environment.length === 0 ? [] : pairs([`SetEnv=${environment.map(quoted).join(' ')}`])),
]

/** Arguments of ssh for one program on the host. */
export const channelArguments = (channels: Channels, command: string) => [
  ...throughMaster(channels),
  '--',
  'host',
  command,
]

/** Arguments of ssh for a TCP connection from the host. `target` is `[host]:port`. */
export const forwardArguments = (socket: string, target: string) => [
  ...throughMaster({ socket, forwardAgent: false, environment: [] }),
  '-W',
  target,
  '--',
  'host',
]

/** Arguments of ssh that ask whether a connection is there. */
export const checkArguments = (socket: string) => ['-F', 'none', '-S', socket, '-O', 'check', '--', 'host']
