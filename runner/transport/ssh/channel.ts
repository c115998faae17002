import type { ClientChannel } from 'ssh2'
import type { Channel, ChannelExit } from '../connection.ts'

/**
 * An ssh2 channel as ours. ssh2 emits `exit` when the program ended and `close` once both streams were read; on a lost
 * connection it emits `close` without arguments and no `exit`, which alone tells the two apart.
 */
export function wrapChannel(channel: ClientChannel): Channel {
  let exit: ChannelExit = { code: null, signal: undefined, lost: true }
  const ended = (code: unknown, signal: unknown) => {
    if (typeof code === 'number') exit = { code, signal: undefined, lost: false }
    else if (typeof signal === 'string') exit = { code: null, signal, lost: false }
  }
  // A write after the program's end reports here, and pending write callbacks may never come: `closed` is the word.
  channel.on('error', () => {})
  channel.stderr.on('error', () => {})
  channel.on('exit', ended)
  const closed = new Promise<ChannelExit>((done) => {
    channel.on('close', (code: unknown, signal: unknown) => {
      ended(code, signal)
      done(exit)
    })
  })
  return { stdin: channel, stdout: channel, stderr: channel.stderr, closed, close: () => channel.close() }
}
