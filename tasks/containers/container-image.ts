import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { revealAny, Secret } from '../../runner/model/secret.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { checkEngine, type ContainerEngine, type EngineAnswer, imageName, workingEngine } from './engine.ts'
import { type ImageFacts, imageProbe } from './image-state.ts'

interface ImageBase {
  /** With a tag or a digest: `docker.io/library/nginx:1.27`, `registry.example.org/app@sha256:…`. @default the tag `latest` */
  readonly name: string
  /** @default podman where it is installed, else docker */
  readonly engine?: ContainerEngine
}

interface ImageSource {
  /** For the registry. They are in no argument, and on the host only while it pulls. */
  readonly credentials?: { readonly username: string; readonly password: string | Secret<string> }
  /** An archive on the host that it is loaded from, as `podman save` makes them. @default it is pulled */
  readonly archive?: string
}

interface PresentImage extends ImageBase, ImageSource {
  /** `absent` takes the name away. @default 'present' */
  readonly state?: 'present'
}

interface AbsentImage extends ImageBase, Partial<Record<keyof ImageSource, never>> {
  readonly state: 'absent'
}

export type ContainerImageOptions = PresentImage | AbsentImage

export interface ContainerImageOut {
  /** SHA-256 in hex; none where it is absent. */
  readonly imageId: string | undefined
}

interface Wanted extends ImageBase {
  readonly registry: string
  readonly absent: boolean
  readonly archive: string | undefined
  readonly credentials: ImageSource['credentials']
}

const definition = resource<Wanted, { readonly image: EngineAnswer<ImageFacts> }, ContainerImageOut>({
  kind: 'container-image',
  id: ({ name }) => name,
  probes: ({ engine, name }) => ({ image: imageProbe(engine, name) }),
  diff({ name, engine, absent }, { image }): Change[] {
    const found = certain(image)
    if (absent && found.engine === undefined) return []
    workingEngine(`container image ${name}`, engine, found)
    const has = found.thing !== undefined
    return has === !absent ? [] : [{ field: 'image', before: has ? name : undefined, after: absent ? undefined : name }]
  },
  apply(wanted, _, { image }): ScriptStep[] {
    const engine = workingEngine(`container image ${wanted.name}`, wanted.engine, image)
    return [{ ...imageStep(wanted, engine), timeoutMs: 30 * 60_000 }]
  },
  after: ({ absent }, { image }) => ({
    image: { ...image, thing: absent ? undefined : { id: unknown<string>('which image comes') } },
  }),
  out: (_, { image }) => ({ imageId: image.thing?.id }),
})

function imageStep({ name, absent, archive, credentials, registry }: Wanted, engine: ContainerEngine): ScriptStep {
  if (absent) {
    return { script: `${engine} image rm ${quote(name)} >/dev/null`, hint: 'Does a container still need it?' }
  }
  if (archive !== undefined) {
    return {
      script: `${engine} load -q -i ${quote(archive)} >/dev/null`,
      hint: `Does the archive hold an image of the name ${name}?`,
    }
  }
  const hint = 'Is the name right, and does the host reach the registry?'
  if (credentials === undefined) return { script: `${engine} pull -q ${quote(name)} >/dev/null`, hint }
  // Both read a file of Docker's form: docker by the folder that it is in.
  const file = engine === 'docker' ? 'docker --config "$d" pull' : 'podman pull --authfile "$d/config.json"'
  return {
    script: `umask 077
d=$(mktemp -d "\${XDG_RUNTIME_DIR:-/run}/tsplay.XXXXXX")||exit
trap 'rm -rf "$d"' EXIT
cat >"$d/config.json"&&${file} -q ${quote(name)} >/dev/null`,
    stdin: loginText(registry, credentials),
    hint: `${hint} Are the credentials right?`,
  }
}

/** See containers-auth.json(5): by the registry's name, and by the address that Docker has for its own. */
function loginText(registry: string, { username, password }: NonNullable<ImageSource['credentials']>): Secret<string> {
  const auth = Buffer.from(`${username}:${revealAny(password)}`).toString('base64')
  const names = registry === 'docker.io' ? [registry, 'https://index.docker.io/v1/'] : [registry]
  return new Secret(JSON.stringify({ auths: Object.fromEntries(names.map((name) => [name, { auth }])) }))
}

/**
 * An image of containers, in podman or docker: pulled, or loaded from an archive, where the engine has none of the name. What is
 * there stays: a tag that means another image in the registry by now is not looked up, so name a version or a digest.
 * `absent` takes the name away, and the image with its last name; one that a container is made of stays, with an error.
 * @example
 * await host.ensure(containerImage({ name: 'docker.io/library/nginx:1.27' }))
 */
export function containerImage(options: ContainerImageOptions): Resource<ContainerImageOut> {
  const { engine, state = 'present', archive, credentials } = options
  const { name, registry } = imageName(options.name)
  const what = `container image ${name}`
  checkEngine(what, engine)
  if (archive !== undefined && !/^\/[^\0]{1,4000}$/.test(certain(archive))) {
    throw new TsplayError('OPTIONS', `${what}: the path of the archive has to be absolute`)
  }
  if (
    credentials &&
    (!/^[^:\0-\x1f]{1,200}$/.test(certain(credentials.username)) || certain(credentials.password) === '')
  ) {
    throw new TsplayError('OPTIONS', `${what}: a user name is one line without ":", and a password is not empty`)
  }
  return definition({ name, registry, ...(engine && { engine }), absent: state === 'absent', archive, credentials })
}
