/**
 * Shows a report with simulated events: `node --import tsx bench/report-stream.ts [hosts] [seconds] [live|lines|json|auto]`.
 * With `throw` as the fourth argument the process dies in the middle, to see what becomes of the terminal.
 */
import type { ErrorReport, Event, OperationStatus, Recap } from '../runner/engine/events.ts'
import { createReport, type ReportOptions } from '../runner/report/report.ts'

const [hostCount = '20', seconds = '5', output = 'auto', fault = ''] = process.argv.slice(2)
const hosts = Array.from({ length: Number(hostCount) }, (_, i) => `web${String(i + 1).padStart(3, '0')}.example.net`)
const isOutput = (text: string): text is ReportOptions['output'] => ['auto', 'live', 'lines', 'json'].includes(text)
const report = createReport({
  output: isOutput(output) ? output : 'auto',
  diff: process.env['DIFF'] !== undefined,
  verbosity: Number(process.env['VERBOSE'] ?? 0),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  ...(process.env['JOURNAL'] === undefined ? {} : { journal: { folder: process.env['JOURNAL'] } }),
})

/** Events without their time. */
type Timeless<E> = E extends Event ? Omit<E, 'at'> : never
const emit = (event: Timeless<Event>) => report.emit({ ...event, at: Date.now() } as Event)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const operationsPerHost = 12
const began = Date.now()
const pace = (Number(seconds) * 1000) / 2 / operationsPerHost
let operation = 0
const recap = new Map<string, { -readonly [K in keyof Recap]: Recap[K] }>()
for (const host of hosts) {
  recap.set(host, {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    may: 0,
    notRun: 0,
  })
}

const brokenApt: ErrorReport = {
  code: 'COMMAND',
  message: 'package containerd: apt-get ended with exit code 100',
  at: `${process.cwd()}/playbooks/site.ts:12:3`,
  taskPath: ['install-containerd'],
  command: 'apt-get install -y --no-install-recommends containerd',
  exitCode: 100,
  stderr:
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4242 (unattended-upgr)\nE: Unable to acquire the dpkg lock',
  hint: 'wait for the other package manager, or look for it with `fuser -v /var/lib/dpkg/lock-frontend`',
}

async function body(host: string, play: string, index: number): Promise<void> {
  emit({ type: 'host-started', host, play })
  await wait(pace * Math.random())
  const counts = recap.get(host)
  if (!counts) return
  if (index % 70 === 41) {
    const error: ErrorReport = {
      code: 'CONNECT',
      message: `connect ETIMEDOUT 10.0.0.${index}:22`,
      hint: `is ${host} up?`,
    }
    counts.unreachable++
    emit({ type: 'host-finished', host, play, status: 'unreachable', changed: false, error, durationMs: 10 })
    return
  }
  emit({ type: 'host-connected', host, description: `deploy@${host} (10.0.0.${index}:22)`, durationMs: 40 })
  for (let i = 0; i < operationsPerHost; i++) {
    const kind = ['file', 'package', 'service', 'sysctl'][i % 4] ?? 'file'
    const it = {
      host,
      play,
      operation: ++operation,
      taskPath: ['install-containerd'],
      kind,
      id: `/etc/containerd/conf.d/${i}-日本.toml`,
    }
    emit({ type: 'operation-started', ...it })
    for (let line = 0; line < 3; line++) {
      await wait((pace / 3) * (0.3 + Math.random() + (index % 17 === 3 ? 2 : 0)))
      const text = `Get:${line} \x1b[31mhttp://mirror.example\x1b[2J bookworm/main amd64 containerd 1.6.20 [25.9 MB] ${'x'.repeat(60)}`
      if (kind === 'package')
        emit({ type: 'output', host, play, operation: it.operation, stream: 'stdout', line: text })
    }
    if (index % 33 === 7 && i === 6) {
      counts.failed++
      emit({ type: 'operation-finished', ...it, status: 'failed', changes: [], error: brokenApt, durationMs: pace })
      emit({ type: 'host-finished', host, play, status: 'failed', changed: true, error: brokenApt, durationMs: 1000 })
      return
    }
    const status: OperationStatus = i % 5 === 1 ? 'changed' : 'ok'
    counts.ok++
    if (status === 'changed') counts.changed++
    const changes =
      status === 'changed' ? [{ field: 'content', before: 'a\nb\nc\n', after: 'a\nB\nc\n', text: true as const }] : []
    emit({ type: 'operation-finished', ...it, status, changes, durationMs: pace })
    if (i === 4 && index % 50 === 1) emit({ type: 'logged', host, play, message: `${host} joins as member ${index}` })
  }
  emit({ type: 'host-finished', host, play, status: 'ok', changed: true, durationMs: 1000 })
}

const names = ['Prepare every node', 'Install the container runtime on all of them, one batch after another']
const command = ['run', 'site.ts', '-i', 'hosts.yaml']
emit({
  type: 'run-started',
  runId: 'simulated',
  playbook: 'site',
  file: 'site.ts',
  inventory: 'hosts.yaml',
  hosts,
  mode: 'run',
  command,
  user: 'me',
})
emit({ type: 'notice', level: 'warning', message: 'TypeScript is not installed: the playbook was not type-checked' })
for (const [index, play] of names.entries()) {
  const batches = index === 1 ? 2 : 1
  emit({ type: 'play-started', play, hosts, batches })
  const size = Math.ceil(hosts.length / batches)
  for (let batch = 0; batch < batches; batch++) {
    const those = hosts.slice(batch * size, (batch + 1) * size)
    emit({ type: 'batch-started', play, batch: batch + 1, hosts: those })
    if (fault === 'throw')
      setTimeout(
        () => {
          throw new Error('the process dies here')
        },
        Number(seconds) * 200,
      )
    if (index === 0) setTimeout(() => console.log('a playbook printed this'), Number(seconds) * 200)
    await Promise.all(those.map((host, i) => body(host, play, batch * size + i)))
  }
  emit({ type: 'play-finished', play })
}
emit({
  type: 'play-skipped',
  play: 'Join the workers',
  reason: 'it needs "Initialise the control plane", which failed',
})
emit({
  type: 'run-finished',
  status: 'failed',
  recap: Object.fromEntries(recap),
  durationMs: Date.now() - began,
  journal: '.tsplay/runs/simulated',
})
await report.close()
