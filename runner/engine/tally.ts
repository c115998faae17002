import type { Emit, Event, Recap, RunFinished } from './events.ts'

type Counts = { -readonly [K in keyof Recap]: number }

/** Counts what happened on each host, by listening to the run's own events. */
export class Tally {
  readonly #hosts = new Map<string, Counts>()
  readonly #failures = new Map<string, number>()
  #failed = false
  #unreachable = false
  #aborted = false

  readonly emit: Emit = (event) => this.#take(event)

  get recap(): Readonly<Record<string, Recap>> {
    return Object.fromEntries(this.#hosts)
  }

  status(interrupted: boolean): RunFinished['status'] {
    if (interrupted) return 'interrupted'
    if (this.#failed || this.#aborted) return 'failed'
    return this.#unreachable ? 'unreachable' : 'ok'
  }

  /** A play that a host never began. */
  notRun(host: string): void {
    this.#of(host).notRun++
  }

  /** Something failed that belongs to no host. */
  fail(): void {
    this.#failed = true
  }

  #take(event: Event): void {
    if (event.type === 'host-started') {
      this.#of(event.host)
      this.#failures.set(event.host, 0)
    } else if (event.type === 'operation-finished') this.#operation(event.host, event.status)
    else if (event.type === 'host-finished') this.#host(event)
  }

  #operation(host: string, status: 'ok' | 'changed' | 'may' | 'failed' | 'skipped'): void {
    const counts = this.#of(host)
    if (status === 'failed') this.#failures.set(host, (this.#failures.get(host) ?? 0) + 1)
    else counts[status]++
    // As Ansible counts: what changed was fine, too.
    if (status === 'changed') counts.ok++
  }

  #host({ host, status }: Extract<Event, { type: 'host-finished' }>): void {
    const counts = this.#of(host)
    const failures = this.#failures.get(host) ?? 0
    if (status === 'unreachable') {
      counts.unreachable++
      this.#unreachable = true
    } else if (status === 'failed') {
      counts.failed++
      counts.rescued += Math.max(0, failures - 1)
      this.#failed = true
    } else if (status === 'aborted') {
      // What the stop itself cut was not rescued.
      counts.rescued += Math.max(0, failures - 1)
      this.#aborted = true
    } else counts.rescued += failures
  }

  #of(host: string): Counts {
    const known = this.#hosts.get(host) ?? {
      ok: 0,
      changed: 0,
      unreachable: 0,
      failed: 0,
      skipped: 0,
      rescued: 0,
      ignored: 0,
      may: 0,
      notRun: 0,
    }
    this.#hosts.set(host, known)
    return known
  }
}
