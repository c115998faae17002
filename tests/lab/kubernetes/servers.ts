import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { CleanUp } from '../../helpers/clean-up.ts'
import { kubernetesFolder } from './folder.ts'
import { answerRegistry } from './registry.ts'
import { sendFile } from './send-file.ts'

/** Where lab hosts reach this machine. */
const address = '10.67.0.1'

export interface KubernetesServers extends AsyncDisposable {
  /** The package repository, as the host's sources name it. */
  readonly repository: string
  /** The image registry: `http://10.67.0.1:41234`. */
  readonly registry: string
}

/** Serves the packages and images that the lab has built to its hosts; the bridge is up once a host is. */
export async function kubernetesServers(): Promise<KubernetesServers> {
  await using stack = new CleanUp()
  const packages = await served(stack, (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname))
    void sendFile(join(kubernetesFolder(), 'www', path), request, response)
  })
  const registry = await served(stack, (request, response) => void answerRegistry(request, response))
  const cleanUp = stack.move()
  return {
    repository: `${packages}/core:/stable:/v1.20/deb/`,
    registry,
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

/** A server on a free port, until the stack is cleaned up. */
async function served(stack: CleanUp, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  stack.defer(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://${address}:${(server.address() as AddressInfo).port}`
}
