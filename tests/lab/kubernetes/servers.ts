import { spawn } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CleanUp } from '../../helpers/clean-up.ts'
import { labFolder } from '../folder.ts'

/** Where lab hosts reach this machine. */
const address = '10.67.0.1'

/** The built Kubernetes: `www` has its packages, `registry` its images. */
export const kubernetesFolder = (): string => process.env['TSPLAY_LAB_KUBERNETES'] ?? join(labFolder(), 'k8s')

/** Why there is no Kubernetes to install; `undefined` where there is one. */
export function kubernetesProblem(): string | undefined {
  const built =
    existsSync(join(kubernetesFolder(), 'www/core:/stable:/v1.20/deb/Release.key')) &&
    existsSync(join(kubernetesFolder(), 'registry/docker'))
  if (!built) return `no Kubernetes is built in ${kubernetesFolder()}`
  return existsSync('/usr/bin/docker-registry') ? undefined : 'docker-registry is not installed'
}

export interface KubernetesServers extends AsyncDisposable {
  /** The package repository, as the host's sources name it. */
  readonly repository: string
  /** The image registry: `http://10.67.0.1:41234`. */
  readonly registry: string
}

/** Serves the packages and images that the lab has built to its hosts; the bridge is up once a host is. */
export async function kubernetesServers(): Promise<KubernetesServers> {
  await using stack = new CleanUp()
  const web = createServer((request, response) => void answer(request.url ?? '/', response))
  await listening(web)
  stack.defer(async () => {
    web.closeAllConnections()
    web.close()
  })
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-registry-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'config.yml')
  const storage = join(kubernetesFolder(), 'registry')
  await writeFile(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${storage}}}\nhttp: {addr: "${address}:${port}"}\n`,
  )
  const registry = spawn('/usr/bin/docker-registry', ['serve', config], { stdio: 'ignore' })
  stack.defer(async () => void registry.kill('SIGKILL'))
  for (let waited = 0; !(await accepts(port)); waited += 100) {
    if (waited > 10_000 || registry.exitCode !== null) throw new Error('docker-registry did not start')
    await sleep(100)
  }
  const cleanUp = stack.move()
  return {
    repository: `http://${address}:${(web.address() as AddressInfo).port}/core:/stable:/v1.20/deb/`,
    registry: `http://${address}:${port}`,
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

async function answer(url: string, response: import('node:http').ServerResponse): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(url, 'http://lab').pathname))
  const file = join(kubernetesFolder(), 'www', path)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-length': found.size })
  createReadStream(file).pipe(response)
}

const listening = (server: Server) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: address, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
