import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { revealAny } from '../../runner/model/secret.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { definitionChanges } from './container-changes.ts'
import { type ContainerDefinition, definitionOf, digestsText, volumeTold } from './container-definition.ts'
import type { AbsentContainer, ContainerOptions, MadeContainer } from './container-options.ts'
import { makeStep, removeScript } from './container-script.ts'
import { type ContainerFacts, containerProbe } from './container-state.ts'
import { checkEngine, type EngineAnswer, workingEngine } from './engine.ts'
import { type ImageFacts, imageProbe } from './image-state.ts'

interface Made {
  readonly options: MadeContainer
  readonly definition: ContainerDefinition
}

interface MadeState {
  readonly container: EngineAnswer<ContainerFacts>
  readonly image: EngineAnswer<ImageFacts>
}

const whatOf = ({ name }: { readonly name: string }) => `container ${name}`

const made = resource<Made, MadeState, object>({
  kind: 'container',
  id: ({ options }) => options.name,
  probes: ({ options: { engine, name, env = {}, labels = {} }, definition }) => ({
    container: containerProbe(engine, name, { env: Object.keys(env), labels: Object.keys(labels) }),
    image: imageProbe(engine, definition.image),
  }),
  diff({ options, definition }, { container, image }): Change[] {
    workingEngine(whatOf(options), options.engine, container)
    const { thing } = container
    const running = options.state !== 'stopped'
    if (thing === undefined) {
      return [
        { field: 'container', before: undefined, after: definition.image },
        ...(running ? [{ field: 'running', before: false, after: true }] : []),
      ]
    }
    const changes = definitionChanges(options, definition, thing, image.thing?.id)
    const now = thing.running && !thing.paused
    if (now !== running) changes.push({ field: 'running', before: thing.paused ? 'paused' : now, after: running })
    return changes
  },
  apply({ options, definition }, changes, { container }): ScriptStep[] {
    const { name } = options
    const engine = workingEngine(whatOf(options), options.engine, container)
    if (changes.some(({ field }) => field !== 'running')) return [makeStep(options, definition, engine)]
    const verb = options.state === 'stopped' ? 'stop' : container.thing?.paused ? 'unpause' : 'start'
    return [{ script: `${engine} ${verb} ${name} >/dev/null`, onDisconnect: 'finish' }]
  },
  after({ options, definition }, { container, image }) {
    const id = image.thing?.id ?? unknown<string>('which image comes')
    return {
      container: { ...container, thing: { ...factsOf(options, definition), imageId: id } },
      image: { ...image, thing: image.thing ?? { id } },
    }
  },
  out: () => ({}),
})

/** What its engine will tell of it. */
function factsOf(options: MadeContainer, definition: ContainerDefinition): Omit<ContainerFacts, 'imageId'> {
  const open = (what: string) => unknown<string>(`the ${what} that the image or the engine gives it`)
  return {
    running: options.state !== 'stopped',
    paused: false,
    digests: digestsText(definition),
    image: definition.image,
    entrypoint: definition.entrypoint ?? open('entry point'),
    command: definition.command ?? (definition.entrypoint === undefined ? unknown('the command of the image') : []),
    env: Object.fromEntries(Object.entries(options.env ?? {}).map(([name, value]) => [name, revealAny(value)])),
    ports: definition.ports ?? [],
    volumes: (definition.volumes ?? []).map(volumeTold).toSorted(),
    restart: definition.restart ?? 'no',
    network: definition.network ?? open('network'),
    labels: definition.labels ?? {},
    hostname: definition.hostname ?? open('host name'),
    user: definition.user ?? open('user'),
    workdir: definition.workdir ?? open('directory'),
  }
}

const absent = resource<AbsentContainer, { readonly container: EngineAnswer<ContainerFacts> }, object>({
  kind: 'container',
  id: ({ name }) => name,
  probes: ({ engine, name }) => ({ container: containerProbe(engine, name, { env: [], labels: [] }) }),
  diff(options, { container }): Change[] {
    const found = certain(container)
    if (found.engine === undefined) return []
    workingEngine(whatOf(options), options.engine, found)
    return found.thing === undefined ? [] : [{ field: 'container', before: found.thing.image, after: undefined }]
  },
  apply(options, _, { container }): ScriptStep[] {
    const engine = workingEngine(whatOf(options), options.engine, container)
    return [{ script: removeScript(engine, options.name), onDisconnect: 'finish' }]
  },
  after: (_, { container }) => ({ container: { ...container, thing: undefined } }),
  out: () => ({}),
})

/**
 * A container of podman or docker. A new one takes its place exactly when its definition differs: by what its engine tells of
 * it, by a label that says what was asked for when it was made, or since its image's name means another image on the host by
 * now. The new one is made before the old one is stopped. Named volumes stay when it goes. One that was made by hand is
 * made anew once.
 *
 * Secrets among the variables reach the engine by its input; whoever may ask the engine can read them there.
 * @example
 * await host.ensure(
 *   container({
 *     name: 'web',
 *     image: 'docker.io/library/nginx:1.27',
 *     ports: ['8080:80'],
 *     volumes: ['/srv/www:/usr/share/nginx/html:ro'],
 *     restart: 'unless-stopped',
 *   }),
 * )
 */
export function container(options: ContainerOptions): Resource {
  const { name, engine, state = 'running' } = options
  if (!/^[A-Za-z0-9][\w.-]{0,100}$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `${JSON.stringify(name.slice(0, 80))} can not name a container`)
  }
  checkEngine(whatOf(options), engine)
  if (!/^(?:running|stopped|absent)$/.test(state)) {
    throw new TsplayError(
      'OPTIONS',
      `container ${name}: ${JSON.stringify(state)} is no state: running, stopped or absent`,
    )
  }
  return options.state === 'absent' ? absent(options) : made({ options, definition: definitionOf(options) })
}
