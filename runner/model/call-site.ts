import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds tsplay's own code, in the source tree and in the published package alike. */
const own = fileURLToPath(new URL('../../', import.meta.url))

/** `file:line:column` of the first frame of an error's stack that is the user's, not tsplay's or Node's. */
export function userFrame(stack: string | undefined): string | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const match = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/.exec(line)
    if (!match?.[1]) continue
    const [, where, row, column] = match
    const file = where.startsWith('file://') ? fileURLToPath(where.replace(/\?.*$/, '')) : where
    if (ours(file) || file.includes('/node_modules/')) continue
    return `${file}:${row}:${column}`
  }
  return undefined
}

/** tsplay's own playbooks and tests are users of it like any other. */
const ours = (file: string) => file.startsWith(own) && /^(?:runner|tasks|inventory)\//.test(file.slice(own.length))

/** Where the user's code called what called this. */
export function callSite(): string | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const { stack } = new Error('call site')
  Error.stackTraceLimit = limit
  return userFrame(stack)
}

/** The folder of the user's file that called what called this; the working directory where nobody can tell. */
export function callerFolder(): string {
  const file = callSite()?.replace(/:\d+:\d+$/, '')
  return file === undefined ? process.cwd() : dirname(file)
}
