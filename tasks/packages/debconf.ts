import type { Change } from '../../runner/model/change.ts'
import { sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { packageName } from '../../runner/model/facts-of/package.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'
import { answerProbe, type DebconfAnswer } from './debconf-answer.ts'
import { lockWait, onlyRoot } from './lock-wait.ts'

/** What a question is (debconf-devel(7)). */
export type DebconfType = 'string' | 'boolean' | 'select' | 'multiselect' | 'note' | 'text' | 'title' | 'password'

export interface DebconfQuestion {
  readonly type: DebconfType
  /** As `debconf-show` has it; of `multiselect`, joined by `, `. A password has to be a Secret. */
  readonly value: string | boolean | Secret<string>
}

export interface DebconfOptions {
  /** The package that asks. It need not be installed yet: that is what answers are for. */
  readonly package: string
  /** By the names of the questions: `{ 'postfix/main_mailer_type': { type: 'select', value: 'Satellite system' } }`. */
  readonly answers: Readonly<Record<string, DebconfQuestion>>
  /** How long another program's lock of debconf's database is waited for, in milliseconds. @default 5 minutes */
  readonly lockTimeoutMs?: number
}

interface State {
  readonly [question: `answer ${string}`]: DebconfAnswer
}

const none: DebconfAnswer = { installed: false, value: undefined, seen: false }

const entriesOf = ({ answers }: DebconfOptions) =>
  Object.entries(answers).map(([name, { type, value }]) => ({
    name,
    type,
    text: typeof value === 'boolean' ? String(value) : value,
  }))

/** Of a secret only the digest is compared: what is on the host never leaves it. */
const shownOf = (text: string | Secret<string>) => (text instanceof Secret ? sha256(text) : certain(text))

const definition = resource<DebconfOptions, State, object>({
  kind: 'debconf',
  id: ({ package: name, answers }) => `${name} ${Object.keys(answers).join(' ')}`,
  validate: check,
  probes: (options) =>
    Object.fromEntries(
      entriesOf(options).map(({ name, text }) => [`answer ${name}`, answerProbe(name, text instanceof Secret)]),
    ),
  diff(options, state): Change[] {
    return entriesOf(options).flatMap(({ name, text }): Change[] => {
      const { installed, value, seen } = certain(state[`answer ${name}`] ?? none)
      if (!installed) {
        throw new TsplayError('COMMAND', `debconf ${options.package}: there is no debconf on this host`, {
          hint: 'it is of Debian and its kin',
        })
      }
      if (seen && value === shownOf(text)) return []
      if (text instanceof Secret) {
        return [{ field: name, before: value && '(not shown)', after: '(not shown)', restricted: true }]
      }
      // A default, which was never asked about, is one that the package may still ask about.
      return [{ field: name, before: value === undefined || seen ? value : `${value} (a default)`, after: text }]
    })
  },
  apply(options, changes): Step[] {
    const due = entriesOf(options).filter(({ name }) => changes.some(({ field }) => field === name))
    const lines = due.map(({ name, type, text }) => `${options.package} ${name} ${type} ${revealAny(text)}\n`).join('')
    return [
      {
        script: `${onlyRoot}
${lockWait({ files: ['/var/cache/debconf/config.dat', '/var/cache/debconf/passwords.dat'] }, options.lockTimeoutMs ?? 300_000)}
lock_free
debconf-set-selections`,
        stdin: due.some(({ text }) => text instanceof Secret) ? new Secret(lines) : lines,
        timeoutMs: (options.lockTimeoutMs ?? 300_000) + 60_000,
      },
    ]
  },
  after: (options, state) => ({
    ...state,
    ...Object.fromEntries(
      entriesOf(options).map(({ name, text }) => [
        `answer ${name}`,
        { installed: true, value: shownOf(text), seen: true },
      ]),
    ),
  }),
  out: () => ({}),
})

function check(options: DebconfOptions): void {
  const wrong = (message: string, hint?: string) =>
    new TsplayError('OPTIONS', `debconf ${options.package}: ${message}`, hint === undefined ? {} : { hint })
  packageName(options.package)
  const entries = entriesOf(options)
  if (entries.length === 0) throw wrong('answers are needed')
  for (const { name, type, text } of entries) {
    if (!/^[A-Za-z0-9][A-Za-z0-9+./_-]{1,200}$/.test(name))
      throw wrong(`${JSON.stringify(name.slice(0, 80))} is no question`)
    if (!types.has(certain(type))) throw wrong(`${JSON.stringify(type)} is no type of a question`)
    if (type === 'password' && !(text instanceof Secret)) throw wrong(`${name} is a password: give it as a Secret`)
    const plain = text instanceof Secret ? revealAny(text) : certain(text)
    // debconf-set-selections takes what is left of a line, and its backslashes for line ends.
    if (typeof plain !== 'string' || /[\r\n\0]|^\s|\s$|\\/.test(plain)) {
      throw wrong(`the answer to ${name} has to be one line without backslashes, or blanks around it`)
    }
    if (type === 'boolean' && plain !== 'true' && plain !== 'false') throw wrong(`${name} is true or false`)
  }
}

const types = new Set<string>('string boolean select multiselect note text title password'.split(' '))

/**
 * Answers to the questions that a Debian package asks when it is installed (debconf-set-selections(1)), given beforehand, or
 * for the next `dpkg-reconfigure`. A package that is installed already does not go by them by itself. There is no taking
 * back: `packages` with `purged` forgets the answers.
 * @example
 * await host.ensure([
 *   debconf({ package: 'postfix', answers: { 'postfix/main_mailer_type': { type: 'select', value: 'Local only' } } }),
 *   packages({ names: 'postfix' }),
 * ])
 */
export const debconf = (options: DebconfOptions): Resource => definition(options)
