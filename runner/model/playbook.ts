import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Host } from './host.ts'
import type { Many, Pattern } from './pattern.ts'
import type { Plain } from './plain.ts'
import { callSite } from './call-site.ts'

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
  /** Plays whose results this one uses. One that failed skips this play. */
  readonly needs?: N
  /** Batches, one after another; the last entry repeats. @default all hosts at once */
  readonly serial?: Batch | readonly Batch[]
  /** Stops the play when more than this share of a batch has failed. @default 100 */
  readonly maxFailPercentage?: number
  /** One failed host ends the run. @default false */
  readonly anyErrorsFatal?: boolean
  /** For `--tags`. */
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
  /** Adds a play: `body` runs once per host, in parallel; its result is what other plays get through `needs`. */
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
      plays.push(play)
      return play as object as Play<never, never>
    },
  }
  return definition
}
