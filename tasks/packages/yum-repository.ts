import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { type RepositoryOut, signedRepository } from './signed-repository.ts'
import { signingKey, type SigningKeyOptions } from './signing-key.ts'

export interface YumRepositoryOptions {
  /** The repository's id, and its file: `/etc/yum.repos.d/NAME.repo`; its key is `/etc/pki/rpm-gpg/RPM-GPG-KEY-NAME`. */
  readonly name: string
  /** For people. @default its name */
  readonly description?: string
  /** May hold dnf's variables: `https://pkgs.k8s.io/core:/stable:/v1.31/rpm/`. Needed unless it is to be absent. */
  readonly url?: string
  /**
   * The key that signs its packages, ASCII-armoured: its text, or where the host fetches it. Without `fingerprint` or
   * `sha256`, the first key that the address gives is trusted; dnf then asks for no consent. Needed unless it is to be absent.
   */
  readonly key?: SigningKeyOptions
  /** Fingerprints of the keys that are trusted: another key is never taken. @default whatever `key` gives */
  readonly fingerprint?: string | readonly string[]
  /** Whether its lists are signed too, and are checked (`repo_gpgcheck`). @default false */
  readonly signedLists?: boolean
  /** Whether it is used unless it is named (`--enablerepo`). @default true */
  readonly enabled?: boolean
  /** Packages of it that are never taken, as patterns (`excludepkgs`). @default none */
  readonly excludes?: readonly string[]
  /** Of 1 to 99; the lowest wins. @default dnf's, which is 99 */
  readonly priority?: number
  /** `absent` removes the file and the key; packages that came from it stay. @default 'present' */
  readonly state?: 'present' | 'absent'
}

const definition = signedRepository('yum-repository')

/**
 * A repository of signed packages for dnf (dnf.conf(5)). A key is checked before it takes the old one's place, and is
 * there before the file that trusts it; dnf lets it in when the first package comes. The lists are fetched by dnf itself.
 * @example
 * const url = 'https://pkgs.k8s.io/core:/stable:/v1.31/rpm/'
 * const fingerprint = 'DE15 B144 86CD 377B 9E87 6E1A 2346 54DA 9A29 6436'
 * await host.ensure(yumRepository({ name: 'kubernetes', url, key: { url: `${url}repodata/repomd.xml.key` }, fingerprint }))
 */
export function yumRepository(options: YumRepositoryOptions): Resource<RepositoryOut> {
  const { name, key, fingerprint, state = 'present' } = options
  const what = `yum repository ${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(certain(name)) || name === 'main' || name.length > 200) {
    throw new TsplayError(
      'OPTIONS',
      `yum repository: ${JSON.stringify(name.slice(0, 80))} can not be an id and name a file`,
    )
  }
  const keyPath = `/etc/pki/rpm-gpg/RPM-GPG-KEY-${name}`
  const path = `/etc/yum.repos.d/${name}.repo`
  if (state === 'absent') return definition({ name, what, key: undefined, keyPath, path, content: undefined })
  if (key === undefined) throw new TsplayError('OPTIONS', `${what}: the key that signs its packages is needed`)
  return definition({
    name,
    what,
    key: signingKey(what, keyPath, key, fingerprint),
    keyPath,
    path,
    content: repoFile(what, options, keyPath),
  })
}

function repoFile(what: string, options: YumRepositoryOptions, keyPath: string): string {
  const { name, url = '', description = name, signedLists, enabled = true, excludes = [], priority } = options
  const wrong = (message: string) => new TsplayError('OPTIONS', `${what}: ${message}`)
  if (!URL.canParse(certain(url)) || /[\s\0-\x1f]/.test(url))
    throw wrong(`${JSON.stringify(url.slice(0, 80))} is no URL`)
  if (!/^[^\s\0-\x1f][^\r\n\0]*$/.test(certain(description))) throw wrong('the description has to be one line')
  for (const word of excludes)
    if (!/^[A-Za-z0-9*?[][^\s,\0]*$/.test(certain(word)))
      throw wrong(`${JSON.stringify(word)} is no pattern of packages`)
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 1 && priority <= 99))
    throw wrong('priority is 1 to 99')
  const settings: readonly (readonly [string, string | number])[] = [
    ['name', description.trim()],
    ['baseurl', url],
    ['enabled', enabled ? 1 : 0],
    ['gpgcheck', 1],
    ['repo_gpgcheck', signedLists ? 1 : 0],
    ['gpgkey', `file://${keyPath}`],
    ...(excludes.length > 0 ? [['excludepkgs', excludes.join(' ')] as const] : []),
    ...(priority === undefined ? [] : [['priority', priority] as const]),
  ]
  return `[${name}]\n${settings.map(([key, value]) => `${key}=${value}\n`).join('')}`
}
