import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import type { PathState } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from '../system/owned-file.ts'
import type { RepositoryOut } from './signed-repository.ts'

/** A public key that signs repositories of apk, as apk-keys(5) has it. */
export interface ApkKey {
  /** Its file in /etc/apk/keys. apk 2 goes by it: it has to be the name that the key had when it signed. */
  readonly name: string
  /** The key, as PEM (`-----BEGIN PUBLIC KEY-----`). Needed unless it is to be absent. */
  readonly content?: string
}

export interface ApkRepositoryOptions {
  /** Names its file: `/etc/apk/repositories.d/NAME.list`. */
  readonly name: string
  /**
   * One or more, a line each: `https://mirror.example.org/alpine/v3.22/community`, or a folder of the host. Needed unless
   * it is to be absent.
   */
  readonly url?: string | readonly string[]
  /** Only packages that are asked for with it (`name@tag`) come from there. @default packages of any name may */
  readonly tag?: string
  /** The kind of its index: that of apk 2, which apk 3 reads too, or that of apk 3. @default 'v2' */
  readonly format?: 'v2' | 'v3'
  /** The key that signs it, where the host does not trust that already. It is trusted for all repositories: apk has no other way. */
  readonly key?: ApkKey
  /** `absent` removes the file, and the key if it is named; packages that came from it stay. @default 'present' */
  readonly state?: 'present' | 'absent'
}

interface Files {
  readonly what: string
  readonly name: string
  readonly path: string
  /** `undefined`: it is to be absent, and so is the key. */
  readonly content: string | undefined
  readonly keyPath: string | undefined
  readonly key: string | undefined
}

interface State {
  readonly file: PathState
  readonly key: PathState
}

const none: PathState = { kind: 'absent' }

const definition = resource<Files, State, RepositoryOut>({
  kind: 'apk-repository',
  id: ({ name }) => name,
  probes: ({ path, keyPath }) => ({
    file: pathProbe(path, { content: 'always' }),
    key: pathProbe(keyPath ?? path, { content: 'always' }),
  }),
  diff({ what, path, content, keyPath, key }, state): Change[] {
    const file = ownedFile(what, path, state.file, content)
    if (keyPath === undefined) return file
    const [differs] = ownedFile(what, keyPath, state.key, key)
    return differs ? [...file, { ...differs, field: 'key' }] : file
  },
  apply({ path, content, keyPath, key }, changes): Step[] {
    if (content === undefined) return [{ script: `rm -f ${[path, keyPath ?? path].map(quote).join(' ')}` }]
    const keyed = changes.some(({ field }) => field === 'key')
    const steps: Step[] = [{ script: 'mkdir -p /etc/apk/keys /etc/apk/repositories.d' }]
    // A list without its key would stop whatever apk is asked next.
    if (keyed && key !== undefined && keyPath !== undefined) steps.push({ upload: key, to: keyPath, mode: '0644' })
    if (changes.some(({ field }) => field !== 'key')) steps.push({ upload: content, to: path, mode: '0644' })
    return steps
  },
  after({ content, keyPath, key }, state) {
    const file = content === undefined ? none : ownedFileAfter(state.file, content)
    if (keyPath === undefined) return { file, key: file }
    return { file, key: key === undefined ? none : ownedFileAfter(state.key, key) }
  },
  out: ({ path }) => ({ path }),
})

/**
 * A repository for apk (apk-repositories(5)), in a file of its own, and the key that signs it, which is there before it. The
 * lists are fetched when a package is asked for that they do not know. What is in /etc/apk/repositories stays as it is.
 * @example
 * const content = '-----BEGIN PUBLIC KEY-----\nMIICIjANBgkq…\n-----END PUBLIC KEY-----\n'
 * const key = { name: 'builder@example.org.rsa.pub', content }
 * await host.ensure(apkRepository({ name: 'ours', url: 'https://apk.example.org/v3.22/main', key }))
 */
export function apkRepository(options: ApkRepositoryOptions): Resource<RepositoryOut> {
  const { name, url = [], tag, format = 'v2', key, state = 'present' } = options
  const what = `apk repository ${certain(name).slice(0, 80)}`
  const wrong = (message: string) => new TsplayError('OPTIONS', `${what}: ${message}`)
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,200}$/.test(name)) throw wrong('can not name a file')
  if (key && !/^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,200}$/.test(certain(key.name))) throw wrong('the key can not name a file')
  const path = `/etc/apk/repositories.d/${name}.list`
  const keyPath = key && `/etc/apk/keys/${key.name}`
  if (state === 'absent') return definition({ what, name, path, content: undefined, keyPath, key: undefined })
  if (key && !/^-----BEGIN PUBLIC KEY-----\n[^\0]*-----END PUBLIC KEY-----\n?$/.test(certain(key.content ?? '')))
    throw wrong('the key is no public key as PEM: openssl rsa -in KEY -pubout prints one')
  if (tag !== undefined && !/^[A-Za-z0-9_.-]{1,80}$/.test(certain(tag))) throw wrong('the tag has to be one word')
  const urls = [url].flat()
  if (urls.length === 0) throw wrong('its url is needed')
  for (const one of urls)
    if (!/^(?:https?:\/\/|\/)[\x21-\x7e]{1,2000}$/.test(certain(one)) || /["#$\\]/.test(one))
      throw wrong(`${JSON.stringify(one.slice(0, 80))} is neither a URL nor an absolute path`)
  const words = [...(format === 'v3' ? ['v3'] : []), ...(tag === undefined ? [] : [`@${tag}`])]
  const content = urls.map((one) => `${[...words, one].join(' ')}\n`).join('')
  return definition({ what, name, path, content, keyPath, key: key?.content })
}
