import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import { directory } from '../files/directory.ts'
import { download } from '../files/download.ts'
import { file } from '../files/file.ts'

export interface PackageRepositoryOptions {
  /** Names its file: `/etc/apt/sources.list.d/NAME.sources`. */
  readonly name: string
  /** `https://pkgs.k8s.io/core:/stable:/v1.31/deb/` */
  readonly url: string
  /** Distributions: `bookworm`; one that ends in `/` is a folder, for repositories without distributions. @default '/' */
  readonly suites?: readonly string[] | undefined
  /** Not for suites that are folders. */
  readonly components?: readonly string[] | undefined
  /** `amd64`, `arm64` … @default those of the host */
  readonly architectures?: readonly string[] | undefined
  /**
   * The key that signs it, ASCII-armoured: its text, or where the host fetches it. With `sha256` another key is never
   * taken; without it, the first key that the address gives is trusted, as every installation guide does.
   */
  readonly key: string | { readonly url: string; readonly sha256?: string | undefined }
}

/**
 * A signed repository for apt, in deb822 form (sources.list(5)); its key signs nothing else. The lists are fetched when
 * a package is asked for that they do not know.
 * @example
 * const url = 'https://pkgs.k8s.io/core:/stable:/v1.31/deb/'
 * await packageRepository(host, { name: 'kubernetes', url, key: { url: `${url}Release.key` } })
 */
export const packageRepository = task(
  'package-repository',
  async (host, options: PackageRepositoryOptions) => {
    const { name, key } = options
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
      throw new TsplayError('OPTIONS', `package repository: ${JSON.stringify(name)} can not name a file`)
    }
    const path = `/etc/apt/keyrings/${name}.asc`
    const keyring =
      typeof key === 'string'
        ? file({ path, content: armoured(name, key), mode: '0644' })
        : download({
            url: key.url,
            path,
            mode: '0644',
            ...(key.sha256 === undefined ? { checksum: 'none' } : { sha256: key.sha256 }),
          })
    await host.ensure([
      directory({ path: '/etc/apt/keyrings', mode: '0755' }),
      keyring,
      file({ path: `/etc/apt/sources.list.d/${name}.sources`, content: sources(options, path), mode: '0644' }),
    ])
  },
  { key: ({ name }) => name },
)

function armoured(name: string, key: string): string {
  if (/^-----BEGIN PGP PUBLIC KEY BLOCK-----$/m.test(key)) return key
  throw new TsplayError('OPTIONS', `package repository ${name}: the key is no ASCII-armoured public key`, {
    hint: 'gpg --armor --export prints one',
  })
}

function sources(options: PackageRepositoryOptions, keyring: string): string {
  const { name, url, suites = ['/'], components = [], architectures = [] } = options
  if (!URL.canParse(url) || /\s/.test(url)) {
    throw new TsplayError('OPTIONS', `package repository ${name}: ${JSON.stringify(url)} is no URL`)
  }
  const folders = suites.every((suite) => suite.endsWith('/'))
  if (suites.length === 0 || folders === components.length > 0) {
    throw new TsplayError('OPTIONS', `package repository ${name}: suites need components, folders (\`/\`) have none`)
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
