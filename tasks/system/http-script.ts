import { TsplayError } from '../../runner/model/errors.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import type { HttpRequestOptions } from './http-request.ts'

/** Prints the answer's body, and its status on a line of its own. */
export const requestScript = `command -v curl >/dev/null||{ echo 'curl is not installed on the host' >&2;exit 69; }
exec curl -q -sS -K -`

/** A request as a configuration file of curl(1): option and value, in quotes with backslashes. */
export function curlConfig(options: HttpRequestOptions, method: string): string {
  const { url, headers = {}, body, timeoutMs = 30_000, followRedirects = true, caFile, insecure } = options
  const isJson = body !== undefined && typeof body === 'object' && !(body instanceof Secret)
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(revealAny(value))) {
      throw new TsplayError(
        'OPTIONS',
        `httpRequest: the header ${JSON.stringify(name)} is not one line of a name and a value`,
      )
    }
  }
  const sent = isJson
    ? JSON.stringify(body)
    : body === undefined
      ? undefined
      : revealAny(body as string | Secret<string>)
  if (sent?.includes('\0')) throw new TsplayError('OPTIONS', 'httpRequest: a body can not hold a NUL byte')
  const type = isJson && !names.includes('content-type') ? ['header = "Content-Type: application/json"'] : []
  return [
    `url = ${word(url)}`,
    method === 'HEAD' ? 'head' : `request = ${word(method)}`,
    `max-time = ${Math.ceil(timeoutMs / 1000)}`,
    String.raw`write-out = "\n%{http_code}"`,
    'globoff',
    ...(followRedirects ? ['location'] : []),
    ...(insecure ? ['insecure'] : []),
    ...(caFile === undefined ? [] : [`cacert = ${word(caFile)}`]),
    ...type,
    ...Object.entries(headers).map(([name, value]) => `header = ${word(`${name}: ${revealAny(value)}`)}`),
    ...(sent === undefined ? [] : [`data-raw = ${word(sent)}`]),
    '',
  ].join('\n')
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

const word = (text: string): string => `"${text.replaceAll(/[\\"\n\r\t\v]/g, (char) => escapes[char] ?? char)}"`
