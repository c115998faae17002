import type { Session } from '../../session/session.ts'
import type { Finding } from './finding.ts'

interface Tool {
  /** Any of these is enough. */
  readonly names: readonly string[]
  readonly without: string
  readonly package: string
  readonly fatal?: boolean
}

const tools: readonly Tool[] = [
  {
    names: ['setsid'],
    without: 'a command that is stopped leaves its children behind, and no step can finish on its own',
    package: 'util-linux',
  },
  { names: ['mktemp'], without: 'no file can be written', package: 'coreutils', fatal: true },
  { names: ['dd', 'cat'], without: 'no file can be written', package: 'coreutils', fatal: true },
  { names: ['sha256sum', 'shasum', 'openssl'], without: 'files are compared by size alone', package: 'coreutils' },
  { names: ['readlink'], without: 'symbolic links can not be followed', package: 'coreutils' },
  { names: ['stat'], without: 'owners and modes can not be read', package: 'coreutils', fatal: true },
  { names: ['tar'], without: 'many files can not be sent at once', package: 'tar' },
]

/** How far the clocks may be apart, in seconds: certificates and tokens that are made now are not valid yet beyond that. */
const clockLimit = 30

/** Each answer is a line: a word, then its value. */
const script = `printf 'shell %s\\n' "$SHELL"
printf 'sh %s\\n' "$(readlink -f /bin/sh 2>/dev/null || echo /bin/sh)"
printf 'system %s\\n' "$(uname -srm)"
printf 'clock %s\\n' "$(date +%s)"
for t in ${tools.flatMap((tool) => tool.names).join(' ')}; do
  command -v "$t" >/dev/null 2>&1 && printf 'tool %s\\n' "$t"
done
for t in /tmp /run /var/tmp; do [ -d "$t" ] && df -Pk "$t" 2>/dev/null | awk -v t="$t" 'NR==2 && $4<10240 {print "full", t, $4}'; done
:`

/** What a session finds on the host itself. */
export async function hostFindings(session: Session): Promise<Finding[]> {
  const { stdout } = await session.run({ script, timeoutMs: 30_000 })
  const lines = stdout.toString().split('\n')
  const values = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const one = (word: string) => values(word)[0] ?? 'unknown'
  const present = new Set(values('tool'))
  const missing = tools.filter((tool) => !tool.names.some((name) => present.has(name)))
  const apart = Math.round(Number(one('clock')) - Date.now() / 1000)
  return [
    { what: 'system', found: one('system') },
    { what: 'shell', found: `${one('shell')} logs in, ${one('sh')} works` },
    ...noise(session),
    {
      what: 'clock',
      found: Math.abs(apart) <= clockLimit ? 'as here' : `${Math.abs(apart)} s ${apart > 0 ? 'ahead' : 'behind'}`,
      ...(Math.abs(apart) <= clockLimit ? {} : { remedy: 'set it: timedatectl set-ntp true' }),
    },
    ...(missing.length === 0 ? [{ what: 'tools', found: 'all there' }] : []),
    ...missing.map((tool) => ({
      what: 'tools',
      found: `no ${tool.names.join(', ')}: ${tool.without}`,
      remedy: `install the package ${tool.package}`,
      fatal: tool.fatal ?? false,
    })),
    ...values('full').map((line) => ({
      what: 'space',
      found: `${line.split(' ')[0]} has only ${line.split(' ')[1]} KiB left`,
      remedy: 'make room: files are written beside their targets first',
    })),
  ]
}

function noise({ noise }: Session): Finding[] {
  if (noise.trim() === '') return []
  return [
    {
      what: 'login',
      found: `prints ${noise.length} characters that nobody asked for: ${noise.trim().slice(0, 80)}`,
      remedy: 'print only at terminals: in ~/.bashrc, after case $- in *i*) ;; *) return ;; esac',
    },
  ]
}

/** The path of the shell that logs in. */
export async function loginShell(session: Session): Promise<string> {
  const { stdout } = await session.run({ script: 'printf %s "$SHELL"', timeoutMs: 30_000 })
  return stdout.toString()
}

/** The median time of a round trip, in milliseconds. */
export async function roundTripMs(session: Session): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await session.run({ script: ':' })
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[2] ?? 0
}
