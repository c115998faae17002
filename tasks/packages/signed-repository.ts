import type { Change } from '../../runner/model/change.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import type { PathState } from '../../runner/model/facts-of/path-state.ts'
import { signingKeyProbe, type SigningKeyState } from '../../runner/model/facts-of/signing-key.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from '../system/owned-file.ts'
import { keyAfter, keyChanges, type SigningKey, keyStep } from './signing-key.ts'

/** A file that names a repository, and the key that signs it. */
export interface SignedRepository {
  readonly name: string
  readonly what: string
  readonly key: SigningKey | undefined
  /** Where the key lies, also where it is to go. */
  readonly keyPath: string
  readonly path: string
  /** `undefined`: neither the file nor the key is to be there. */
  readonly content: string | undefined
}

export interface RepositoryOut {
  /** The file that names it. */
  readonly path: string
}

interface State {
  readonly key: SigningKeyState | undefined
  readonly file: PathState
}

/** The definition of repositories: the key is in place before the file that trusts it, and goes after it. */
export const signedRepository = (kind: string) =>
  resource<SignedRepository, State, RepositoryOut>({
    kind,
    id: ({ name }) => name,
    probes: ({ key, keyPath, path }) => ({
      key: signingKeyProbe(keyPath, { fingerprints: key?.fingerprints !== undefined }),
      file: pathProbe(path, { content: 'always' }),
    }),
    diff({ what, key, keyPath, path, content }, state): Change[] {
      const file = ownedFile(what, path, state.file, content)
      if (content !== undefined) return [...(key ? keyChanges(key, state.key) : []), ...file]
      return [
        ...file,
        ...(certain(state.key) === undefined ? [] : [{ field: 'key', before: keyPath, after: undefined }]),
      ]
    },
    apply({ key, keyPath, path, content }, changes): Step[] {
      if (content === undefined) return [{ script: `rm -f ${quote(path)} && rm -f ${quote(keyPath)}` }]
      const keyed = key && changes.some(({ field }) => field === 'key') ? [keyStep(key)] : []
      if (changes.every(({ field }) => field === 'key')) return keyed
      const folder = { script: `mkdir -p ${quote(path.slice(0, path.lastIndexOf('/')))}` }
      return [...keyed, folder, { upload: content, to: path, mode: '0644' }]
    },
    after({ key, content }, { key: found, file }) {
      if (content === undefined) return { key: undefined, file: { kind: 'absent' } }
      return { key: key ? keyAfter(key, found) : found, file: ownedFileAfter(file, content) }
    },
    out: ({ path }) => ({ path }),
  })
