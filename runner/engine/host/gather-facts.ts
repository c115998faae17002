import { TsplayError } from '../../model/errors.ts'
import type { Facts } from '../../model/facts.ts'
import { exchange } from '../exchange/exchange.ts'
import { isolated } from '../exchange/probes.ts'
import type { HostHandle } from './handle.ts'
import { commandPlace } from './per-command/place.ts'

const questions = {
  os: 'cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null',
  machine: 'uname -m; uname -r; uname -n',
  cpus: 'nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo',
  memory: 'sed -n "s/^MemTotal: *//p" /proc/meminfo',
  init: '[ -d /run/systemd/system ] && echo systemd || { [ -d /run/openrc ] && echo openrc; }',
  routes: `ip -4 route show default 2>/dev/null; ip -6 route show default 2>/dev/null`,
  sources: `for a in 192.0.2.1 2001:db8::1; do ip route get "$a" 2>/dev/null | sed -n 's/.* src \\([^ ]*\\).*/\\1/p'; done`,
} as const

/** Asks a host what it is, in one round trip. */
export async function gatherFacts(handle: HostHandle): Promise<Facts> {
  const { session, user } = await commandPlace(handle)
  const parts = Object.entries(questions).map(([label, script]) => ({ label, script: isolated(script) }))
  handle.body.ahead.lane(handle.host, user).along(session)
  const answers = await exchange(session, parts, { timeoutMs: 60_000, signal: handle.body.signal })
  if (answers.aborted) throw new TsplayError('ABORTED', 'stopped while the host was being asked')
  if (!answers.has('end')) throw new TsplayError('TIMEOUT', 'the host did not say what it is within 60 s')
  const say = (label: keyof typeof questions) => answers.stdout(label).toString().trim()
  const [architecture = '', kernel = '', hostname = ''] = say('machine').split('\n')
  const release = osRelease(say('os'))
  const init = say('init')
  return {
    os: {
      id: release.get('ID') ?? 'linux',
      like: (release.get('ID_LIKE') ?? '').split(' ').filter(Boolean),
      version: release.get('VERSION_ID') ?? '',
      codename: release.get('VERSION_CODENAME') ?? '',
      name: release.get('PRETTY_NAME') ?? 'Linux',
    },
    architecture,
    kernel,
    hostname,
    cpus: Number(say('cpus')) || 1,
    memoryMb: Math.round((Number.parseInt(say('memory'), 10) || 0) / 1024),
    init: init === 'systemd' || init === 'openrc' ? init : 'unknown',
    // A source is only a default route's where there is a default route.
    defaultAddresses: say('routes') === '' ? [] : say('sources').split('\n').filter(Boolean),
  }
}

/** os-release(5): `KEY=value`, the value as a shell word. */
export function osRelease(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()))
  return new Map(lines.flatMap((match) => (match ? [[match[1] as string, unquote(match[2] as string)] as const] : [])))
}

const unquote = (word: string): string => {
  const inner = /^(["'])(.*)\1$/.exec(word)?.[2]
  return inner === undefined ? word : inner.replaceAll(/\\(["'\\$`])/g, '$1')
}
