import { execFile, spawn } from 'node:child_process'
import type { Channel, ChannelExit, Connection } from '../../runner/transport/connection.ts'
import type { PlaceConnection } from './place.ts'

const ownPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The words before a program that is to run in the namespaces and the root of another process. */
const enter = (pid: number, env: readonly string[]) =>
  `--target ${pid} --mount --uts --ipc --net --pid --root --wd -- /bin/env -i`.split(' ').concat(env)

/** Runs shell text there as root. Throws with what it said when it fails. */
export function insideNamespace(pid: number, script: string): Promise<string> {
  const words = [...enter(pid, ['HOME=/root', `PATH=${ownPath}`]), '/bin/sh', '-c', script]
  return new Promise((done, fail) => {
    const child = execFile('nsenter', words, { maxBuffer: 64 << 20, timeout: 300_000 }, (error, stdout, stderr) =>
      error ? fail(new Error(`${script.slice(0, 300)}\n${stdout}${stderr}`, { cause: error })) : done(stdout),
    )
    child.stdin?.end()
  })
}

/** A connection whose programs run in the namespaces of another process: what sshd would do, without its 100 ms. */
export function namespaceConnection(pid: number, { path, user = 'root' }: PlaceConnection = {}): Connection {
  const open = new Set<Channel>()
  let settle: (reason: undefined) => void = () => {}
  const closed = new Promise<undefined>((done) => (settle = done))
  const search = path === undefined ? ownPath : `${path}:${ownPath}`
  return {
    description: `${user} in the namespaces of ${pid}`,
    user,
    closed,
    async open(command) {
      const env = [`HOME=${user === 'root' ? '/root' : `/home/${user}`}`, `PATH=${search}`, 'TERM=dumb']
      const as = user === 'root' ? [] : ['/usr/bin/setpriv', '--reuid', user, '--regid', user, '--init-groups']
      const channel = await start([...enter(pid, env), ...as, '/bin/sh', '-c', command])
      open.add(channel)
      void channel.closed.then(() => open.delete(channel))
      return channel
    },
    async close() {
      const left = [...open]
      for (const channel of left) channel.close()
      await Promise.all(left.map((channel) => channel.closed))
      settle(undefined)
    },
  }
}

function start(words: readonly string[]): Promise<Channel> {
  const child = spawn('nsenter', words, { detached: true, stdio: 'pipe' })
  const { stdin, stdout, stderr } = child
  // A write to a program that has ended reports here; `closed` says how it ended.
  stdin.on('error', () => {})
  const closed = new Promise<ChannelExit>((done) => {
    child.once('close', (code, signal) => done({ code, signal: signal ?? undefined, lost: false }))
  })
  const close = () => {
    stdin.destroy()
    stdout.destroy()
    stderr.destroy()
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone already.
    }
  }
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('spawn', () => done({ stdin, stdout, stderr, closed, close }))
  })
}
