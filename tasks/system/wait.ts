import type { Host } from '../../runner/model/host.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import { unknownReason } from '../../runner/model/unknown.ts'
import { lookScript } from './wait-script.ts'

/** What is waited for. All of it is looked at from the host. */
export type WaitFor =
  | {
      /** A TCP port. */
      readonly port: number
      /** Asked by connecting to it. @default the host itself, where it is enough that something listens */
      readonly host?: string
      /** @default 'open' */
      readonly state?: 'open' | 'closed'
    }
  | {
      /** Absolute path on the host. */
      readonly path: string
      /** @default 'present' */
      readonly state?: 'present' | 'absent'
      /** Text that a line of the file is to hold. */
      readonly contains?: string
      /** An extended regular expression of POSIX (as of `grep -E`) that a line of the file is to match. */
      readonly matches?: string
    }
  | {
      /** Shell text that changes nothing and succeeds when it is so: `pg_isready -q`. */
      readonly succeeds: string
    }
  | {
      /** An address that is fetched with GET, by curl or wget. */
      readonly url: string
      /** @default any of 200 to 299 */
      readonly status?: number | readonly number[]
      /** Text that the answer is to hold. */
      readonly contains?: string
    }

export type WaitOptions = WaitFor & {
  /** Limit in milliseconds. @default 5 minutes */
  readonly limitMs?: number
  /** How long between two looks, in milliseconds; whole seconds. @default 1000 */
  readonly intervalMs?: number
}

const unmet = 75
const unable = 69

/**
 * Waits until something is so, and fails with what it last saw when the limit is over. One round trip however long it
 * takes, since the host itself looks. A task, and no resource: nothing is changed by it, so it is never told as a change. Check
 * mode looks once, waits for nothing, and goes on.
 *
 * @throws TsplayError TIMEOUT when the limit is over; COMMAND when the host has no tool to look with.
 * @example
 * await wait(host, { port: 5432, limitMs: 60_000 })
 * await wait(host, { url: 'http://127.0.0.1:8080/health', contains: '"status":"UP"' })
 * await wait(host, { path: '/run/app.ready' })
 */
export const wait = task('wait', async (host, options: WaitOptions) => look(host, options), { key: shown })

async function look(host: Host, options: WaitOptions): Promise<void> {
  const { limitMs = 5 * 60_000, intervalMs = 1000 } = options
  check(options)
  const seconds = host.check ? 0 : Math.ceil(limitMs / 1000)
  const ask = host.read({ touches: [], okCodes: [0, unmet, unable], timeoutMs: limitMs + 60_000 })
  const script = `${lookScript(options)}
end=$(($(date +%s)+${seconds}))
until look;do
[ "$(date +%s)" -lt "$end" ]||{ printf %s "$seen";exit ${unmet}; }
sleep ${Math.max(1, Math.round(intervalMs / 1000))}
done`
  const ran = await ask`sh -c ${script}`
  if (host.check) return
  const { code, stdout } = ran
  if (code === 0) return
  if (code === unable) throw new TsplayError('COMMAND', `wait for ${shown(options)}: ${stdout.trim()}`)
  throw new TsplayError('TIMEOUT', `waited ${seconds} s for ${shown(options)}; last seen: ${stdout.trim()}`)
}

function shown(what: WaitOptions): string {
  if ('port' in what) {
    const where = what.host === undefined ? '' : ` of ${what.host}`
    return `port ${what.port}${where}${what.state === 'closed' ? ' to close' : ''}`
  }
  if ('path' in what) return `${what.path}${what.state === 'absent' ? ' to go' : ''}`
  return 'url' in what ? what.url : what.succeeds.trim()
}

function check(what: WaitOptions): void {
  const refuse = (why: string) => {
    throw new TsplayError('OPTIONS', `wait for ${shown(what)}: ${why}`)
  }
  const { limitMs = 1, intervalMs = 1 } = what
  if (!(limitMs > 0 && intervalMs > 0)) refuse('limitMs and intervalMs have to be more than 0')
  if ('port' in what && !(Number.isInteger(what.port) && what.port > 0 && what.port < 65_536))
    refuse('a port is 1 to 65535')
  const isKnown = 'path' in what && unknownReason(what.path) === undefined
  if (isKnown && !what.path.startsWith('/')) refuse('path has to be absolute')
  if ('path' in what && what.state === 'absent' && (what.contains ?? what.matches) !== undefined) {
    refuse('what is to be absent holds no text')
  }
  if ('url' in what && !/^https?:\/\/\S+$/.test(what.url)) refuse('url has to be a complete http or https address')
}
