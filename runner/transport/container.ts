import { text } from 'node:stream/consumers'
import { ConnectError } from '../model/errors.ts'
import type { Channel, Connection } from './connection.ts'
import { processChannel, ProcessConnection } from './process-channel.ts'
import type { Target } from './target.ts'

/** Ways into something that runs on this machine, or that a program here knows the way to. */
export type ContainerTransport = 'docker' | 'podman' | 'kubectl' | 'chroot'

const transports: readonly string[] = ['docker', 'podman', 'kubectl', 'chroot'] satisfies ContainerTransport[]

/** Whether a target is reached in this way. */
export const isContainer = (target: Target): target is Target & { readonly transport: ContainerTransport } =>
  transports.includes(target.transport ?? 'ssh')

/**
 * A container, a Pod (`POD`, `NAMESPACE/POD` or `NAMESPACE/POD/CONTAINER`) or a folder with a system in it, as a connection: each
 * program there is one process here. Throws ConnectError `config` for a name that makes no sense, `tcp` when it can't be entered.
 */
export async function dialContainer(
  target: Target & { readonly transport: ContainerTransport },
  signal?: AbortSignal,
): Promise<Connection> {
  signal?.throwIfAborted()
  const place = target.address ?? target.name
  const start = (command: string) => processChannel(target.transport, execArguments(target, place, command))
  const user = await enter(target, start)
  return new ProcessConnection(`${user}@${target.name} (${target.transport} ${place})`, user, start)
}

function execArguments(target: Target & { readonly transport: ContainerTransport }, place: string, command: string) {
  // A name is never taken for an option.
  if (place.startsWith('-') || target.user?.startsWith('-') === true) {
    throw new ConnectError('config', `${target.name}: "${place}" is no ${target.transport} name`)
  }
  const shell = ['/bin/sh', '-c', command]
  const { user } = target
  switch (target.transport) {
    case 'docker':
    case 'podman':
      return ['exec', '-i', ...(user === undefined ? [] : ['-u', user]), place, ...shell]
    case 'kubectl':
      return ['exec', '-i', ...pod(target, place), '--', ...shell]
    case 'chroot':
      return [...(user === undefined ? [] : [`--userspec=${user}`]), place, ...shell]
    default:
      return target.transport satisfies never
  }
}

function pod(target: Target, place: string): string[] {
  const parts = place.split('/')
  const [first = '', second, container] = parts
  if (parts.length > 3 || parts.includes('')) {
    throw new ConnectError('config', `${target.name}: "${place}" is no Pod`, {
      hint: 'Write POD, NAMESPACE/POD or NAMESPACE/POD/CONTAINER in ansible_host.',
    })
  }
  if (target.user !== undefined) {
    throw new ConnectError('config', `${target.name}: kubectl exec takes no user`, {
      hint: 'Leave ansible_user out: programs run as the user of the container.',
    })
  }
  if (second === undefined) return [first]
  return ['-n', first, second, ...(container === undefined ? [] : ['-c', container])]
}

/** Runs one program there, which tells the user; its failure is the connection's. */
async function enter(
  target: Target & { readonly transport: ContainerTransport },
  start: (command: string) => Promise<Channel>,
): Promise<string> {
  const { name, transport, connectTimeoutMs = 10_000 } = target
  const channel = await start('id -un 2>/dev/null || id -u').catch((cause: unknown) => {
    if (cause instanceof ConnectError) throw cause
    throw new ConnectError('config', `${name}: ${transport} can not be run on this machine`, {
      cause,
      hint: `Install ${transport} here, and see that it is in the PATH.`,
    })
  })
  channel.stdin.end()
  let late = false
  const timer = setTimeout(() => {
    late = true
    channel.close()
  }, connectTimeoutMs)
  const quiet = () => ''
  const [user, said, exit] = await Promise.all([
    text(channel.stdout).catch(quiet),
    text(channel.stderr).catch(quiet),
    channel.closed,
  ])
  clearTimeout(timer)
  if (late)
    throw new ConnectError('timeout', `${name}: ${transport} did not answer within ${connectTimeoutMs / 1000} s`)
  if (exit.code === 0 && user.trim() !== '') return user.trim()
  const last = said.trim().split('\n').at(-1) ?? ''
  throw new ConnectError('tcp', `${name}: ${transport} can not enter it: ${last || `it ended with ${exit.code}`}`, {
    hint: `${transport === 'chroot' ? 'It takes root here and' : 'It must run, and it takes'} a /bin/sh in there.`,
  })
}
