import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** An ssh-agent of a test's own. */
export interface SshAgent extends AsyncDisposable {
  readonly socket: string
  /** Adds a private key, given as text. */
  add(key: string): Promise<void>
}

export async function sshAgent(folder: string): Promise<SshAgent> {
  const socket = `${folder}/agent.sock`
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  const ended = once(agent, 'exit')
  for (let waited = 0; waited < 3000; waited += 20) {
    if (
      await access(socket).then(
        () => true,
        () => false,
      )
    )
      break
    await sleep(20)
  }
  return {
    socket,
    async add(key) {
      const child = spawn('ssh-add', ['-q', '-'], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: ['pipe', 'ignore', 'inherit'],
      })
      child.stdin.end(`${key.trim()}\n`)
      const [code] = await once(child, 'exit')
      if (code !== 0) throw new Error(`ssh-add ended with ${String(code)}`)
    },
    async [Symbol.asyncDispose]() {
      agent.kill()
      await ended
    },
  }
}
