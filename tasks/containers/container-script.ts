import { quote } from '../../runner/model/quote.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { type ContainerDefinition, definitionLabel, digestsText } from './container-definition.ts'
import type { MadeContainer } from './container-options.ts'
import type { ContainerEngine } from './engine.ts'

/** What is made before the old one goes, so that one which can't be made costs nothing. */
const newName = (name: string) => `${name}.tsplay-new`

/** A new container in the place of an old one, if there is any; killed at any point, the next run finds one of the two, or none. */
export function makeStep(options: MadeContainer, definition: ContainerDefinition, engine: ContainerEngine): ScriptStep {
  const { name, state } = options
  const secrets = Object.entries(options.env ?? {}).filter(([, value]) => value instanceof Secret)
  const create = `${engine} create ${createWords(options, definition, secrets.length > 0)
    .map(quote)
    .join(' ')} >/dev/null`
  const lines = [
    `${engine} rm -f ${newName(name)} >/dev/null 2>&1`,
    `${secrets.length > 0 ? 'cat|' : ''}${create}&&`,
    `if ${engine} container inspect ${name} >/dev/null 2>&1;then ${removeScript(engine, name)};fi&&`,
    `${engine} rename ${newName(name)} ${name}${state === 'stopped' ? '' : `&&\n${engine} start ${name} >/dev/null`}`,
  ]
  return {
    script: lines.join('\n'),
    ...(secrets.length > 0 && {
      stdin: new Secret(secrets.map(([name_, value]) => `${name_}=${revealAny(value)}\n`).join('')),
    }),
    onDisconnect: 'finish',
    timeoutMs: 30 * 60_000,
    hint: 'Is the image right, and are its ports and volumes free?',
  }
}

/** It gets the time to end that it was given. */
export const removeScript = (engine: ContainerEngine, name: string): string =>
  `${engine} stop ${name} >/dev/null 2>&1;${engine} rm -f ${name} >/dev/null`

function createWords(options: MadeContainer, definition: ContainerDefinition, fromInput: boolean): string[] {
  const { entrypoint, restart, network, hostname, user, workdir } = definition
  const pairs = (option: string, of: Readonly<Record<string, string>> = {}) =>
    Object.entries(of).map(([name, value]) => `--${option}=${name}=${value}`)
  const one = (option: string, value: string | undefined) => (value === undefined ? [] : [`--${option}=${value}`])
  return [
    `--name=${newName(options.name)}`,
    `--label=${definitionLabel}=${digestsText(definition)}`,
    ...pairs('label', definition.labels),
    ...pairs('env', definition.env),
    ...(fromInput ? ['--env-file=/dev/stdin'] : []),
    ...(options.ports ?? []).map((it) => `--publish=${it}`),
    ...(definition.volumes ?? []).map((it) => `--volume=${it}`),
    ...one('restart', restart),
    ...one('network', network),
    ...one('hostname', hostname),
    ...one('user', user),
    ...one('workdir', workdir),
    ...one('entrypoint', entrypoint),
    ...(definition.arguments ?? []),
    definition.image,
    ...(definition.command ?? []),
  ]
}
