import { TsplayError } from '../../runner/model/errors.ts'
import { unclear } from '../../runner/model/facts-of/unclear.ts'
import { certain } from '../../runner/model/unknown.ts'

/** Programs that take the same words. */
export type ContainerEngine = 'podman' | 'docker'

/** What an engine has answered about one thing. */
export interface EngineAnswer<Thing> {
  /** `undefined`: there is none on the host. */
  readonly engine: ContainerEngine | undefined
  /** `undefined`: it has no such thing. */
  readonly thing: Thing | undefined
  /** Why it gave no answer. */
  readonly said: string | undefined
}

/**
 * A question to an engine: words that print one line of JSON by a template, after the mark `= `. It may be made from what an
 * earlier run has kept in a file, so that the engine is judged here, too.
 */
export function engineQuestion(engine: ContainerEngine | null | undefined, words: string): string {
  checkEngine('a question to an engine', engine ?? undefined)
  return `for e in ${engine ?? 'podman docker'} '';do [ -z "$e" ]||! command -v "$e" >/dev/null||break;done
if [ -z "$e" ];then echo none
else echo "engine $e"
if o=$("$e" ${words} 2>&1);then printf '%s\\n' "$o"|sed -n '/^= /p'
else case $o in *[Nn]o\\ such*|*'not known'*|*'not found'*)echo missing;;*)printf '%s\\n' "$o"|head -c 1000|sed 's/^/! /';;esac;fi;fi
echo end`
}

/** Where what is asked for may come from. */
export const engineTouches = ['unit:docker.service', 'path:/etc/containers/*', 'path:/etc/docker/*'] as const

export function parseAnswer<Thing>(
  raw: string,
  what: string,
  thingOf: (json: Readonly<Record<string, unknown>>) => Thing | undefined,
): EngineAnswer<Thing> {
  const [first = '', ...lines] = raw.split('\n')
  if (!raw.endsWith('end\n')) throw unclear(what, raw)
  if (first === 'none') return { engine: undefined, thing: undefined, said: undefined }
  const engine = /^engine (podman|docker)$/.exec(first)?.[1] as ContainerEngine | undefined
  const answer = lines.find((line) => line.startsWith('= '))
  const said = lines.filter((line) => line.startsWith('! ')).map((line) => line.slice(2))
  if (engine === undefined || (answer === undefined && said.length === 0 && lines[0] !== 'missing'))
    throw unclear(what, raw)
  if (said.length > 0) return { engine, thing: undefined, said: said.join('\n').trim() }
  try {
    const json = answer === undefined ? undefined : (JSON.parse(answer.slice(2)) as Readonly<Record<string, unknown>>)
    return { engine, thing: json && thingOf(json), said: undefined }
  } catch {
    throw unclear(what, raw)
  }
}

/** The engine that has answered. Throws where there is none, or none that works. */
export function workingEngine(
  what: string,
  wanted: ContainerEngine | undefined,
  answer: EngineAnswer<unknown>,
): ContainerEngine {
  const { engine, said } = certain(answer)
  if (engine === undefined) {
    throw new TsplayError('COMMAND', `${what}: there is no ${wanted ?? 'podman and no docker'} on this host`, {
      hint: `install it first: await host.ensure(packages({ names: '${wanted === 'docker' ? 'docker.io' : 'podman'}' }))`,
    })
  }
  if (said === undefined) return engine
  throw new TsplayError('COMMAND', `${what}: ${engine} gives no answer: ${said}`, {
    hint: engine === 'docker' ? 'Does docker.service run? Does the play become root?' : 'Does the play become root?',
  })
}

/** Throws `TsplayError('OPTIONS')` for what is no engine. */
export function checkEngine(what: string, engine: ContainerEngine | undefined): void {
  if (engine !== undefined && !/^(?:podman|docker)$/.test(engine)) {
    throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(engine)} is no engine: podman or docker`)
  }
}

/** The grammar of names in the distribution specification: a host, a path, a tag, a digest. */
const reference =
  /^(?:(?<registry>localhost|[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:\d+\/))(?<port>:\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[\da-f]{64})?$/

/** The name of an image, and the registry that it comes from. Throws `TsplayError('OPTIONS')`. */
export function imageName(given: string): { readonly name: string; readonly registry: string } {
  const name = certain(given)
  const found = name.length > 400 ? null : reference.exec(name)
  if (found === null) {
    throw new TsplayError('OPTIONS', `${JSON.stringify(name.slice(0, 80))} can not name a container image`, {
      hint: 'such as docker.io/library/nginx:1.27, or with @sha256: and a digest',
    })
  }
  const { registry, port = '' } = found.groups ?? {}
  return { name, registry: registry === undefined ? 'docker.io' : `${registry}${port}` }
}
