import type { Command, Read } from '../../model/command.ts'
import type { Facts } from '../../model/facts.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Ensured, EnsureOptions, Host } from '../../model/host.ts'
import { type Bound, isResource } from '../../model/resource.ts'
import type { Run } from '../../model/run.ts'
import { type Enterable, taskEntry, type TaskScope } from '../../model/scope.ts'
import { redact } from '../redact.ts'
import type { Body } from './body.ts'
import { commandOn } from './command.ts'
import { ensureLive } from './ensure.ts'
import { gatherFacts } from './gather-facts.ts'
import { operate } from './operate.ts'
import { ensurePredicted } from './predict.ts'
import { readOn } from './read.ts'
import { runOf } from './run-handle.ts'

/** Whether something in a task changed, and whether that is certain. */
interface ChangeNote {
  changed: boolean
  may: string | undefined
}

/** The `Host` of playbooks and tasks: one host, one user, one place in the tree of tasks, on behalf of one body. */
export class HostHandle implements Host, Enterable {
  readonly body: Body
  readonly #host: string
  readonly #vars: Readonly<Record<string, unknown>>
  readonly #user: string | undefined
  readonly taskPath: readonly string[]
  readonly #notes: readonly ChangeNote[]
  readonly read: Read
  readonly command: Command
  readonly run: Run

  constructor(
    body: Body,
    host: string,
    vars: Readonly<Record<string, unknown>>,
    user: string | undefined,
    taskPath: readonly string[] = [],
    notes: readonly ChangeNote[] = [],
  ) {
    this.body = body
    this.#host = host
    this.#vars = vars
    this.#user = user
    this.taskPath = taskPath
    this.#notes = notes
    this.read = readOn(this)
    this.command = commandOn(this)
    this.run = runOf(this)
  }

  get name(): string {
    return this.#host
  }

  get host(): string {
    return this.#host
  }

  get user(): string | undefined {
    return this.#user
  }

  get vars(): Readonly<Record<string, unknown>> {
    return this.#vars
  }

  get check(): boolean {
    return this.body.check
  }

  get facts(): Promise<Facts> {
    return operate(this, 'host.facts', () => {
      const { run } = this.body
      const known = run.facts.get(this.#host)
      if (known) return known
      const asked = gatherFacts(this)
      run.facts.set(this.#host, asked)
      asked.catch(() => run.facts.delete(this.#host))
      return asked
    })
  }

  /** Another host than the body's own, which `--limit` does not let change: it may be looked at. */
  get onlyRead(): boolean {
    return this.#host !== this.body.host && !this.body.run.mayChange(this.#host)
  }

  /** Why nothing may be changed here. */
  refusal(what: string): TsplayError {
    return new TsplayError('USAGE', `${this.#host} is outside --limit, and ${what} would change it`, {
      hint: `Add ${this.#host} to --limit; what is outside may be read.`,
    })
  }

  ensure<const What>(what: What, options: EnsureOptions = {}): Promise<Ensured<What>> {
    const act = async () => {
      const list = bound(Array.isArray(what) ? what : [what])
      if (list.length === 0) return []
      const results = await (this.check || this.onlyRead ? ensurePredicted : ensureLive)(this, list, options.onChange)
      return Array.isArray(what) ? results : results[0]
    }
    const ensured: Promise<unknown> = operate(this, 'host.ensure', act, { alone: true })
    // Each result was made by the definition that its resource's type was inferred from.
    return ensured as Promise<Ensured<What>>
  }

  as(user: string): HostHandle {
    return new HostHandle(this.body, this.#host, this.#vars, user, this.taskPath, this.#notes)
  }

  on(host: string): HostHandle {
    return new HostHandle(this.body, host, this.body.run.varsOf(host), this.#user, this.taskPath, this.#notes)
  }

  cleanup(undo: () => Promise<void>): void {
    this.body.admit('host.cleanup')
    this.body.cleanups.push(undo)
  }

  log(message: string): void {
    const { body } = this
    body.run.emit({ type: 'logged', at: Date.now(), host: this.#host, play: body.play, message: redact(message) })
  }

  [taskEntry](name: string): TaskScope {
    const note: ChangeNote = { changed: false, may: undefined }
    const host = new HostHandle(
      this.body,
      this.#host,
      this.#vars,
      this.#user,
      [...this.taskPath, redact(name)],
      [...this.#notes, note],
    )
    return {
      host,
      changed: () => {
        if (!note.changed && note.may !== undefined)
          this.body.readUncertain(`task ${name} may change something: ${note.may}`)
        return note.changed || note.may !== undefined
      },
      blame(error) {
        if (error instanceof TsplayError) error.taskPath ??= host.taskPath
      },
    }
  }

  /** An operation changed something. */
  noteChange(): void {
    this.body.changed = true
    for (const note of this.#notes) note.changed = true
  }

  /** An operation may change something. */
  noteMay(reason: string): void {
    this.body.changed = true
    for (const note of this.#notes) note.may ??= reason
  }
}

function bound(list: readonly unknown[]): readonly Bound[] {
  return list.map((it) => {
    if (isResource(it)) return it
    throw new TsplayError(
      'PLAYBOOK',
      `host.ensure takes resources, not ${typeof it === 'function' ? 'a function' : JSON.stringify(it)}`,
      {
        hint: 'A task is called, not ensured: `await installNginx(host)`.',
      },
    )
  })
}
