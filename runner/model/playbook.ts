import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Host } from './host.ts'
import type { Many, Pattern } from './pattern.ts'
import type { Plain } from './plain.ts'
import { callSite } from './call-site.ts'
import { TsplayError } from './errors.ts'

declare const result: unique symbol

/** A play, as other plays name it in `needs`. */
export interface Play<R = unknown, M extends boolean = boolean> {
  readonly name: string
  readonly [result]?: [R, M]
}

export type Needs = Readonly<Record<string, Play>>

/** The results of needed plays: the result itself where the play is for one host, else a Map by host name. */
export type Given<N> = {
  readonly [K in keyof N]: N[K] extends Play<infer R, infer M> ? (M extends false ? R : ReadonlyMap<string, R>) : never
}

type OutVars<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> & object : object

/** How many hosts at a time: a number, or a share of the play's hosts. */
export type Batch = number | `${number}%`

export interface PlayOptions<P extends string, Names extends string, S, N> {
  /** Ansible's patterns: `web`, `web:!web3`, `web:&eu`, `db[0]`, `node*`, `~node[0-9]+`. */
  readonly hosts: Pattern<P, Names>
  /** Run as root, or as the named user. @default false: as the login user */
  readonly become?: boolean | string
  /** A Standard Schema for variables that this play alone needs. */
  readonly vars?: S
  /**
   * Earlier plays of this playbook whose results this one uses. One that has none (it failed on all its hosts) skips
   * this play; one that failed on some of them gives the results of the others.
   */
  readonly needs?: N
  /** Batches, one after another; the last entry repeats. @default all hosts at once */
  readonly serial?: Batch | readonly Batch[]
  /** Ends the run when more than this share (0 to 100) of a batch has failed; it ends anyway when all have. @default 100 */
  readonly maxFailPercentage?: number
  /** One failed host ends the run: hosts that run are finished, no other begins. @default false */
  readonly anyErrorsFatal?: boolean
  /** For `--tags`. A play that they leave out and another needs is only read, and has to be as it wants. */
  readonly tags?: readonly string[]
}

export interface PlaybookOptions<S, Names extends string> {
  /** A Standard Schema (valibot, zod, arktype …) that the variables of every play's hosts must satisfy. */
  readonly vars?: S
  /** The inventory's group and host names: patterns with any other name no longer compile. */
  readonly groups?: readonly Names[]
}

export interface Playbook<Vars extends object = object, Names extends string = string> {
  readonly name: string
  /**
   * Adds a play: `body` runs once per host, in parallel; its result is what other plays get through `needs`.
   * Throws TsplayError PLAYBOOK for a name that another play has, and for options that make no sense.
   */
  play<const P extends string, R, S extends StandardSchemaV1 | undefined = undefined, const N extends Needs = {}>(
    name: string,
    options: PlayOptions<P, Names, S, N>,
    body: (
      host: Host<Vars & OutVars<S>>,
      given: Given<N>,
    ) => Promise<R> & NoInfer<R extends Plain<R> ? unknown : Plain<R>>,
  ): Play<R, Many<P>>
}

/** What the engine sees of a play. */
export interface PlayDefinition extends Play {
  readonly hosts: string
  readonly become: string | undefined
  readonly vars: StandardSchemaV1 | undefined
  readonly needs: Needs
  readonly serial: readonly Batch[]
  readonly maxFailPercentage: number
  readonly anyErrorsFatal: boolean
  readonly tags: readonly string[]
  /** `site.ts:12:6`, where it was declared. */
  readonly at: string | undefined
  readonly body: (host: Host, given: Readonly<Record<string, unknown>>) => Promise<unknown>
}

/** What the engine sees of a playbook. */
export interface PlaybookDefinition extends Playbook {
  readonly vars: StandardSchemaV1 | undefined
  readonly plays: readonly PlayDefinition[]
  readonly [brand]: true
}

/** Survives two copies of tsplay in one process. */
const brand: unique symbol = Symbol.for('tsplay.playbook')

/** Whether a module's default export is a playbook. */
export const isPlaybook = (value: unknown): value is PlaybookDefinition =>
  typeof value === 'object' && value !== null && brand in value

/** Starts a playbook: a named sequence of plays, exported as the module's default. */
export function playbook<S extends StandardSchemaV1 | undefined = undefined, const Names extends string = string>(
  name: string,
  options: PlaybookOptions<S, Names> = {},
): Playbook<OutVars<S>, Names> {
  const plays: PlayDefinition[] = []
  const definition: Omit<PlaybookDefinition, 'play'> & Playbook<OutVars<S>, Names> = {
    [brand]: true,
    name,
    vars: options.vars,
    plays,
    play(playName, { hosts, become, serial, ...rest }, body) {
      const play: PlayDefinition = {
        name: playName,
        hosts,
        become: become === true ? 'root' : become || undefined,
        vars: rest.vars,
        needs: rest.needs ?? {},
        serial: serial === undefined ? [] : typeof serial === 'object' ? serial : [serial],
        maxFailPercentage: rest.maxFailPercentage ?? 100,
        anyErrorsFatal: rest.anyErrorsFatal ?? false,
        tags: rest.tags ?? [],
        at: callSite(),
        // The engine checks variables and collects needs before it calls the body: that is what makes this cast true.
        body: body as PlayDefinition['body'],
      }
      refuseWrong(play, plays)
      plays.push(play)
      return play as object as Play<never, never>
    },
  }
  return definition
}

/** What types can't refuse, at the play's own line. */
function refuseWrong(play: PlayDefinition, plays: readonly PlayDefinition[]): void {
  const refuse = (what: string, hint: string) => {
    throw new TsplayError('PLAYBOOK', what, { hint, ...(play.at === undefined ? {} : { at: play.at }) })
  }
  if (plays.some(({ name }) => name === play.name))
    refuse(`the playbook has two plays named "${play.name}"`, 'Reports and journals tell plays apart by their names.')
  for (const batch of play.serial) {
    if (!(typeof batch === 'number' ? batch >= 1 : /^[\d.]+%$/.test(batch) && Number.parseFloat(batch) > 0))
      refuse(`serial of "${play.name}": ${String(batch)} is no number of hosts`, 'Say how many at a time: 2, or "25%".')
  }
  if (!(play.maxFailPercentage >= 0 && play.maxFailPercentage <= 100))
    refuse(`maxFailPercentage of "${play.name}" is ${play.maxFailPercentage}`, 'It is a share: 0 to 100.')
  for (const need of Object.values(play.needs)) {
    if (!plays.some((other) => other === need))
      refuse(`"${play.name}" needs "${need.name}", which is no earlier play of this playbook`, 'Declare it before.')
  }
}
