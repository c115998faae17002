import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import ssh2, { type Client, type ClientChannel } from 'ssh2'
import type { Target } from '../../runner/transport/target.ts'

export interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: string | undefined
}

/** A plain SSH client for one sandbox host, apart from tsplay's own transport. */
export interface SandboxClient extends AsyncDisposable {
  readonly client: Client
  open(command: string): Promise<ClientChannel>
  run(command: string, stdin?: string): Promise<Said>
}

export async function sandboxClient(target: Target): Promise<SandboxClient> {
  const client = new ssh2.Client()
  const key = (target.knownHosts?.[0] ?? '').split(' ')[2]
  client.connect({
    host: target.address ?? '',
    port: target.port ?? 0,
    username: target.user ?? '',
    privateKey: await readFile(target.identityFiles?.[0] ?? ''),
    hostVerifier: (found: Buffer) => found.toString('base64') === key,
  })
  await once(client, 'ready')
  client.on('error', () => {})
  const closed = once(client, 'close')
  const open = (command: string) =>
    new Promise<ClientChannel>((resolve, reject) => {
      client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)))
    })
  return {
    client,
    open,
    run: async (command, stdin = '') => said(await open(command), stdin),
    [Symbol.asyncDispose]: async () => {
      client.end()
      await closed
    },
  }
}

export async function said(channel: ClientChannel, stdin: string): Promise<Said> {
  let [stdout, stderr] = ['', '']
  let ended: { code: number | null; signal: string | undefined } = { code: null, signal: undefined }
  channel.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  channel.on('exit', (code: number | null, signal?: string) => (ended = { code, signal }))
  channel.end(stdin)
  await once(channel, 'close')
  return { stdout, stderr, ...ended }
}
