import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { definitionLabel } from './container-definition.ts'
import { type ContainerEngine, type EngineAnswer, engineQuestion, engineTouches, parseAnswer } from './engine.ts'

/** A container as its engine tells of it. */
export interface ContainerFacts {
  readonly running: boolean
  readonly paused: boolean
  /** SHA-256 in hex. */
  readonly imageId: string
  /** The label that tells what was asked for; none where it was made otherwise. */
  readonly digests: string | undefined
  readonly image: string
  /** podman up to 4 tells it as one text: words are joined by spaces. */
  readonly entrypoint: string
  readonly command: readonly string[]
  /** Those of the names that were asked for. */
  readonly env: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  /** Without the nameless ones that the image asks for. */
  readonly volumes: readonly string[]
  readonly restart: string
  readonly network: string
  /** Those of the names that were asked for. */
  readonly labels: Readonly<Record<string, string>>
  readonly hostname: string
  readonly user: string
  readonly workdir: string
}

/** Which variables and labels are to be told of: those of the image are not. */
export interface ContainerAsks {
  readonly env: readonly string[]
  readonly labels: readonly string[]
}

/** What it says in one line; not its state in whole, which holds what changes all the time. */
const template = `= {"name":{{json .Name}},"running":{{json .State.Running}},"paused":{{json .State.Paused}},"imageId":{{json .Image}},
"config":{{json .Config}},"ports":{{json .HostConfig.PortBindings}},"mounts":{{json .Mounts}},"restart":{{json .HostConfig.RestartPolicy}},
"mode":{{json .HostConfig.NetworkMode}},"networks":[{{range $name,$_ := .NetworkSettings.Networks}}{{json $name}},{{end}}null]}`

export const containerProbe = typed(
  'container',
  (
    engine: ContainerEngine | null | undefined,
    name: string,
    asks: ContainerAsks,
  ): Probe<EngineAnswer<ContainerFacts>> => ({
    fact: `container:${name}`,
    touches: engineTouches,
    script: engineQuestion(engine, `container inspect --format ${quote(template.replaceAll('\n', ''))} ${quote(name)}`),
    parse: (raw) => parseAnswer(raw, `the container ${name}`, (json) => factsOf(json as unknown as Told, name, asks)),
    absent: (answer) => answer.engine === undefined,
  }),
)

interface Told {
  readonly name: string
  readonly running: boolean
  readonly paused: boolean
  readonly imageId: string
  readonly config: {
    readonly Image?: string
    readonly Entrypoint?: string | readonly string[] | null
    readonly Cmd?: readonly string[] | null
    readonly Env?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly Hostname?: string
    readonly User?: string
    readonly WorkingDir?: string
  }
  readonly ports: Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>> | null
  readonly mounts:
    | readonly { Type?: string; Name?: string; Source?: string; Destination?: string; RW?: boolean }[]
    | null
  readonly restart: { readonly Name?: string; readonly MaximumRetryCount?: number } | null
  readonly mode: string
  readonly networks: readonly (string | null)[]
}

/** Engines find containers by the beginning of their ids too: that is another one. */
function factsOf(told: Told, name: string, asks: ContainerAsks): ContainerFacts | undefined {
  if (told.name.replace(/^\//, '') !== name) return undefined
  const { config, restart } = told
  const env = new Map((config.Env ?? []).map((it) => [it.split('=', 1)[0] ?? '', it.slice(it.indexOf('=') + 1)]))
  const labels = new Map(Object.entries(config.Labels ?? {}))
  const some = (names: readonly string[], from: ReadonlyMap<string, string>) =>
    Object.fromEntries(names.flatMap((one) => (from.has(one) ? [[one, from.get(one) ?? '']] : [])))
  const networks = told.networks.filter((it) => it !== null)
  const retries = restart?.Name === 'on-failure' && (restart.MaximumRetryCount ?? 0) > 0
  return {
    running: told.running,
    paused: told.paused,
    imageId: told.imageId.replace(/^sha256:/, ''),
    digests: labels.get(definitionLabel),
    image: config.Image ?? '',
    entrypoint: [config.Entrypoint ?? []].flat().join(' '),
    command: config.Cmd ?? [],
    env: some(asks.env, env),
    ports: portsOf(told.ports ?? {}),
    volumes: volumesOf(told.mounts ?? []),
    restart: `${restart?.Name || 'no'}${retries ? `:${restart.MaximumRetryCount}` : ''}`,
    network: networks.length === 0 ? told.mode : networks.map((it) => (it === 'podman' ? 'bridge' : it)).join(', '),
    labels: some(asks.labels, labels),
    hostname: config.Hostname ?? '',
    user: config.User ?? '',
    workdir: config.WorkingDir ?? '',
  }
}

const portsOf = (bindings: NonNullable<Told['ports']>): string[] =>
  Object.entries(bindings)
    .flatMap(([inside, places]) =>
      (places ?? []).map(
        ({ HostIp = '', HostPort = '' }) => `${HostIp === '0.0.0.0' ? '' : HostIp}:${HostPort}:${inside}`,
      ),
    )
    .toSorted()

const volumesOf = (mounts: NonNullable<Told['mounts']>): string[] =>
  mounts
    .filter(({ Type, Name = '' }) => Type === 'bind' || (Type === 'volume' && !/^[\da-f]{64}$/.test(Name)))
    .map(
      ({ Type, Name, Source, Destination, RW }) =>
        `${Type === 'volume' ? Name : Source}:${Destination}${RW ? '' : ':ro'}`,
    )
    .toSorted()
