import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { TsplayError } from '../../runner/model/errors.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import { certain } from '../../runner/model/unknown.ts'
import type { MadeContainer } from './container-options.ts'
import { imageName } from './engine.ts'

/** What a container is made of, in the form that engines tell it in. What was not asked for is undefined. */
export interface ContainerDefinition {
  readonly image: string
  readonly entrypoint: string | undefined
  readonly command: readonly string[] | undefined
  /** Without secrets. */
  readonly env: Readonly<Record<string, string>> | undefined
  /** Names of the variables that are secrets. */
  readonly secrets: readonly string[] | undefined
  readonly ports: readonly string[] | undefined
  readonly volumes: readonly string[] | undefined
  readonly restart: string | undefined
  readonly network: string | undefined
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly hostname: string | undefined
  readonly user: string | undefined
  readonly workdir: string | undefined
  readonly arguments: readonly string[] | undefined
}

export type DefinitionField = keyof ContainerDefinition

/** The label by which a container tells what was asked for when it was made. */
export const definitionLabel = 'tsplay.definition'

type Wrong = (message: string) => TsplayError

/** Reads and judges options. Throws `TsplayError('OPTIONS')`. */
export function definitionOf(options: MadeContainer): ContainerDefinition {
  const what = `container ${options.name}`
  const wrong: Wrong = (message) => new TsplayError('OPTIONS', `${what}: ${message}`)
  const { restart, network, hostname, user, workdir } = options
  const one = (name: string, text: string | undefined, form: RegExp) => {
    if (text !== undefined && !form.test(certain(text))) throw wrong(`${name} ${shown(text)} is none`)
    return text
  }
  return {
    image: imageName(options.image).name,
    entrypoint: one('entrypoint', options.entrypoint, /^[^-[\0\s][^\0\s]*$/),
    command: words('command', options.command, wrong),
    ...variables(options.env, wrong),
    ports: options.ports?.flatMap((port) => portsOf(certain(port), wrong)).toSorted(),
    volumes: options.volumes?.map((volume) => volumeOf(certain(volume), wrong)).toSorted(),
    restart: one('restart', restart, /^(?:no|always|unless-stopped|on-failure(?::[1-9]\d{0,5})?)$/),
    network: one('network', network, /^[A-Za-z0-9][\w.-]{0,100}$/),
    labels: options.labels && checkedLabels(options.labels, wrong),
    hostname: one('hostname', hostname, /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62})$/),
    user: one('user', user, /^[A-Za-z0-9_][\w.-]{0,60}(?::[A-Za-z0-9_][\w.-]{0,60})?$/),
    workdir: one('workdir', workdir, /^\/[^\0-\x1f]{0,4000}$/),
    arguments: options.arguments?.map((word) => {
      if (!/^-(?:[a-z]|-[a-z][a-z-]*(?:=[^\0]*)?)$/.test(certain(word))) {
        throw wrong(`the argument ${shown(word)} is no option with its value in one word, such as --memory=512m`)
      }
      if (/^--(?:name|env-file|pod-id-file|cidfile|rm)\b/.test(word))
        throw wrong(`the argument ${shown(word)} is not yours to give`)
      return word
    }),
  }
}

const shown = (text: string) => JSON.stringify(text.slice(0, 80))

function words(name: string, given: readonly string[] | undefined, wrong: Wrong): readonly string[] | undefined {
  const all = given?.map((word) => certain(word))
  if (all?.some((word) => word.includes('\0'))) throw wrong(`${name} holds a NUL byte`)
  if (all?.length === 0) throw wrong(`${name} is empty: leave it out`)
  return all
}

function variables(env: MadeContainer['env'], wrong: Wrong): Pick<ContainerDefinition, 'env' | 'secrets'> {
  if (env === undefined) return { env: undefined, secrets: undefined }
  const plain: Record<string, string> = {}
  const secrets: string[] = []
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw wrong(`env: ${shown(name)} can not name a variable`)
    const text = revealAny(certain(value))
    if (text.includes('\0')) throw wrong(`env: ${name} holds a NUL byte`)
    if (value instanceof Secret && /[\r\n]/.test(text)) {
      throw wrong(`env: ${name} is a secret of several lines, which engines take by their arguments alone`)
    }
    if (value instanceof Secret) secrets.push(name)
    else plain[name] = text
  }
  return { env: plain, secrets: secrets.length === 0 ? undefined : secrets }
}

function checkedLabels(labels: Readonly<Record<string, string>>, wrong: Wrong): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(labels)) {
    if (!/^[A-Za-z0-9][\w./-]*$/.test(name) || name === definitionLabel)
      throw wrong(`${shown(name)} can not name a label`)
    if (certain(value).includes('\0')) throw wrong(`the label ${name} holds a NUL byte`)
  }
  return labels
}

/** `ADDRESS:PORT:PORT/PROTOCOL` for each port of what is published; no address for all of them. */
function portsOf(text: string, wrong: Wrong): string[] {
  const form =
    /^(?:(?<address>\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:]+\]):)?(?<host>\d{1,5}(?:-\d{1,5})?):(?<inside>\d{1,5}(?:-\d{1,5})?)(?:\/(?<protocol>tcp|udp|sctp))?$/
  const { address = '', host = '', inside = '', protocol = 'tcp' } = form.exec(text)?.groups ?? {}
  const range = (ports: string) => {
    const [first = 0, last = first] = ports.split('-').map(Number)
    return first >= 1 && last <= 65_535 && last >= first
      ? Array.from({ length: last - first + 1 }, (_, i) => first + i)
      : []
  }
  const [outer, inner] = [range(host), range(inside)]
  if (outer.length === 0 || outer.length !== inner.length) {
    throw wrong(`the port ${shown(text)} is none: 8080:80, 127.0.0.1:8080:80, 5353:53/udp or 8000-8010:8000-8010`)
  }
  const at = address === '0.0.0.0' ? '' : address.replaceAll(/[[\]]/g, '')
  return outer.map((port, i) => `${at}:${port}:${inner[i]}/${protocol}`)
}

/** With paths as engines clean them, and options in their order. */
function volumeOf(text: string, wrong: Wrong): string {
  const form =
    /^(?<source>\/[^:\0-\x1f]*|[A-Za-z0-9][\w.-]+):(?<target>\/[^:\0-\x1f]*)(?::(?<options>[A-Za-z]+(?:,[A-Za-z]+)*))?$/
  const { source = '', target = '', options } = form.exec(text)?.groups ?? {}
  const clean = (path: string) => (path.startsWith('/') ? posix.normalize(path).replace(/(?<=.)\/$/, '') : path)
  if (source === '' || clean(target) === '/') {
    throw wrong(`the volume ${shown(text)} is none: /srv/data:/data, /srv/conf:/etc/app:ro or data:/var/lib/app`)
  }
  return [clean(source), clean(target), ...(options === undefined ? [] : [options])].join(':')
}

/** As engines tell it: of the options, whether it is read-only. */
export const volumeTold = (volume: string): string =>
  volume.replace(/:([A-Za-z,]+)$/, (_, options: string) => (options.split(',').includes('ro') ? ':ro' : ''))

/** A digest for each field that was asked for, as text for the label. Secrets are in none: they are compared themselves. */
export const digestsText = (definition: ContainerDefinition): string =>
  (Object.entries(definition) as [DefinitionField, unknown][])
    .filter(([, value]) => value !== undefined)
    .map(
      ([field, value]) => `${field}=${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)}`,
    )
    .join(' ')
