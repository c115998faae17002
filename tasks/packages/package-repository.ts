import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { type RepositoryOut, signedRepository } from './signed-repository.ts'
import { signingKey, type SigningKeyOptions } from './signing-key.ts'

export interface PackageRepositoryOptions {
  /** Names its file: `/etc/apt/sources.list.d/NAME.sources`, and its key: `/etc/apt/keyrings/NAME.asc`. */
  readonly name: string
  /** `https://pkgs.k8s.io/core:/stable:/v1.31/deb/`. Needed unless it is to be absent. */
  readonly url?: string
  /** Distributions: `bookworm`; one that ends in `/` is a folder, for repositories without distributions. @default ['/'] */
  readonly suites?: readonly string[] | undefined
  /** Not for suites that are folders. @default none */
  readonly components?: readonly string[] | undefined
  /** @default those of the host */
  readonly architectures?: readonly string[] | undefined
  /**
   * The key that signs it, ASCII-armoured: its text, or where the host fetches it. Without `fingerprint` or `sha256`, the
   * first key that the address gives is trusted, as every installation guide does. Needed unless it is to be absent.
   */
  readonly key?: SigningKeyOptions
  /** Fingerprints of the keys that are trusted: another key is never taken. @default whatever `key` gives */
  readonly fingerprint?: string | readonly string[]
  /** `deb822`, or `list` for the one-line form in `NAME.list`, which apt before 1.1 needs. @default 'deb822' */
  readonly format?: 'deb822' | 'list'
  /** `absent` removes the file and the key; packages that came from it stay. @default 'present' */
  readonly state?: 'present' | 'absent'
}

const definition = signedRepository('package-repository')

/**
 * A signed repository for apt (sources.list(5)); its key signs nothing else. A key is checked before it takes the old
 * one's place, and is there before the file that trusts it. The lists are fetched when a package is asked for that they
 * do not know.
 * @example
 * const url = 'https://pkgs.k8s.io/core:/stable:/v1.31/deb/'
 * const fingerprint = 'DE15 B144 86CD 377B 9E87 6E1A 2346 54DA 9A29 6436'
 * await host.ensure(packageRepository({ name: 'kubernetes', url, key: { url: `${url}Release.key` }, fingerprint }))
 */
export function packageRepository(options: PackageRepositoryOptions): Resource<RepositoryOut> {
  const { name, key, fingerprint, format = 'deb822', state = 'present' } = options
  const what = `package repository ${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `package repository: ${JSON.stringify(name)} can not name a file`)
  }
  const keyPath = `/etc/apt/keyrings/${name}.asc`
  const path = `/etc/apt/sources.list.d/${name}.${format === 'list' ? 'list' : 'sources'}`
  if (state === 'absent') return definition({ name, what, key: undefined, keyPath, path, content: undefined })
  if (key === undefined) throw new TsplayError('OPTIONS', `${what}: the key that signs it is needed`)
  return definition({
    name,
    what,
    key: signingKey(what, keyPath, key, fingerprint),
    keyPath,
    path,
    content: sources(what, options, keyPath),
  })
}

function sources(what: string, options: PackageRepositoryOptions, keyring: string): string {
  const { url = '', suites = ['/'], components = [], architectures = [], format } = options
  if (!URL.canParse(certain(url)) || /[\s\0-\x1f[\]]/.test(url)) {
    throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(url.slice(0, 80))} is no URL`)
  }
  for (const word of [...suites, ...components, ...architectures]) {
    if (!/^[A-Za-z0-9./][A-Za-z0-9./_:+~-]*$/.test(certain(word))) {
      throw new TsplayError(
        'OPTIONS',
        `${what}: ${JSON.stringify(word.slice(0, 80))} is no suite, component or architecture`,
      )
    }
  }
  const folders = suites.every((suite) => suite.endsWith('/'))
  if (suites.length === 0 || folders === components.length > 0) {
    throw new TsplayError('OPTIONS', `${what}: suites need components, folders (\`/\`) have none`)
  }
  if (format === 'list') {
    const flags = [...(architectures.length > 0 ? [`arch=${architectures.join(',')}`] : []), `signed-by=${keyring}`]
    return suites.map((suite) => `deb [${flags.join(' ')}] ${[url, suite, ...components].join(' ')}\n`).join('')
  }
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Types', ['deb']],
    ['URIs', [url]],
    ['Suites', suites],
    ['Components', components],
    ['Architectures', architectures],
    ['Signed-By', [keyring]],
  ]
  return fields
    .filter(([, words]) => words.length > 0)
    .map(([field, words]) => `${field}: ${words.join(' ')}\n`)
    .join('')
}
