import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { sha256 } from '../../../runner/model/content.ts'
import { kubernetesFolder } from './folder.ts'
import { sendFile } from './send-file.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** Answers the questions of whoever pulls an image (OCI distribution specification, "Pull"); nothing can be pushed. */
export async function answerRegistry(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://lab')
  const [, name, kind, reference] = /^\/v2\/([a-z0-9-]+)\/(manifests|blobs)\/([\w.:-]+)$/.exec(pathname) ?? []
  if (pathname === '/v2/') return void response.writeHead(200).end('{}')
  if (name === undefined || reference === undefined) return void response.writeHead(404).end()
  const images = join(kubernetesFolder(), 'images')
  if (kind === 'blobs') return sendFile(join(images, 'blobs', reference), request, response)
  const path = reference.includes(':') ? join('blobs', reference) : join(name, reference)
  const manifest = await readFile(join(images, path), 'utf8').catch(() => undefined)
  if (manifest === undefined) return void response.writeHead(404).end()
  response.writeHead(200, {
    'content-type': manifestType,
    'content-length': Buffer.byteLength(manifest),
    'docker-content-digest': `sha256:${sha256(manifest)}`,
  })
  response.end(request.method === 'HEAD' ? undefined : manifest)
}
