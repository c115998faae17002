import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { Secret } from '../../runner/model/secret.ts'
import { task } from '../../runner/model/task.ts'
import { certain } from '../../runner/model/unknown.ts'
import { curlConfig, requestScript } from './http-script.ts'

export interface HttpRequestOptions {
  /** A complete `http:` or `https:` address. */
  readonly url: string
  /** @default 'GET', or 'POST' with a body */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** By name. @default none */
  readonly headers?: Readonly<Record<string, string | Secret<string>>>
  /** Text as it is, or an object that is sent as JSON. */
  readonly body?: string | Secret<string> | object
  /** Status codes that are no failure. @default 200 to 299 */
  readonly status?: number | readonly number[]
  /** Limit in milliseconds. @default 30 seconds */
  readonly timeoutMs?: number
  /** Whether redirects are followed. @default true */
  readonly followRedirects?: boolean
  /** A file of certificates on the host that the server's is checked with. @default those of the host */
  readonly caFile?: string
  /** Whether the server's certificate is taken as it is. @default false */
  readonly insecure?: boolean
  /** Facts or absolute paths that the answer depends on, as for `host.read`. GET and HEAD alone. */
  readonly touches?: readonly string[]
}

export interface HttpAnswer {
  readonly status: number
  /** As text; of 8 MiB at most. */
  readonly body: string
  /** The body as JSON, checked by the schema. */
  json<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>
}

/**
 * An HTTP request that the host makes, by curl. GET and HEAD are questions: they are asked in check mode too, and are no
 * change. All others are changes each time, and are not made in check mode, where their answer is unknown. A task, and no
 * resource: what a server makes of a request is not for a host to compare. Headers and body, which may hold secrets, are
 * not to be seen in the host's process list.
 *
 * @throws TsplayError COMMAND on a status that is not expected, with the beginning of the answer, or where none came.
 * @example
 * const answer = await httpRequest(host, { url: 'http://127.0.0.1:9200/_cluster/health' })
 */
export const httpRequest = task(
  'http-request',
  async (host, options: HttpRequestOptions): Promise<HttpAnswer> => request(host, options),
  { key: ({ url, method = 'GET' }) => `${method} ${url}` },
)

async function request(host: Host, options: HttpRequestOptions): Promise<HttpAnswer> {
  const { url, timeoutMs = 30_000, touches } = options
  const method = options.method ?? (options.body === undefined ? 'GET' : 'POST')
  if (!URL.canParse(certain(url)) || !/^https?:\/\/\S+$/.test(url)) {
    throw new TsplayError(
      'OPTIONS',
      `httpRequest: url has to be a complete http or https address, not ${JSON.stringify(url)}`,
    )
  }
  const common = { stdin: new Secret(curlConfig(options, method)), timeoutMs: timeoutMs + 5000 }
  const script = requestScript
  const isQuestion = method === 'GET' || method === 'HEAD'
  const ran = isQuestion
    ? await host.read({
        ...common,
        ...(touches === undefined ? {} : { touches }),
      })`sh -c ${script} ${`${method} ${url}`}`
    : await host.command({ ...common, everyTime: true })`sh -c ${script} ${`${method} ${url}`}`
  return answerOf(`${method} ${url}`, ran.stdout, options)
}

function answerOf(what: string, stdout: string, { status: expected }: HttpRequestOptions): HttpAnswer {
  const parts = () => {
    const text = certain(stdout)
    const at = text.lastIndexOf('\n')
    return { body: text.slice(0, at), status: Number(text.slice(at + 1)) }
  }
  const answer: HttpAnswer = {
    get status() {
      return parts().status
    },
    get body() {
      return parts().body
    },
    json: async (schema) => parsed(what, parts().body, schema),
  }
  // Of a request that was not made, nothing is known, and nobody may want to.
  if (typeof stdout !== 'string') return answer
  const { status, body } = parts()
  const isFine = expected === undefined ? status >= 200 && status < 300 : [expected].flat().includes(status)
  if (isFine) return answer
  throw new TsplayError('COMMAND', `${what}: the answer has the status ${status}: ${body.slice(0, 300).trim()}`)
}

async function parsed<S extends StandardSchemaV1>(what: string, body: string, schema: S) {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new TsplayError('COMMAND', `${what}: the answer is no JSON: ${body.slice(0, 200).trim()}`, { cause })
  }
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value as StandardSchemaV1.InferOutput<S>
  const issues = result.issues.map(({ path, message }) => {
    const at = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return at === '' ? message : `${at}: ${message}`
  })
  throw new TsplayError('COMMAND', `${what}: the answer is JSON of another shape: ${issues.join('; ')}`)
}
