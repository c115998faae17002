import type { Connection } from '../../runner/transport/connection.ts'

export type PlaceName = 'debian' | 'dnf' | 'busybox' | 'apk' | 'openrc'

/** A machine, or something like one, that resources are tried on. Everything in it may be broken. */
export interface Place extends AsyncDisposable {
  readonly name: PlaceName
  /** Where its files are, seen from this machine: all of them, or only what differs from `base`. */
  readonly files: string
  /** What lies under `files`, where those are a layer of an overlay; the uppermost first. */
  readonly bases: readonly string[]
  /** Its whole tree, seen from this machine, for marks that its own programs are to see. */
  readonly tree: string
  /** Runs shell text there as root, past everything of ours; gives its output, and throws where it fails. */
  inside(script: string): Promise<string>
  /** A connection that runs programs there; `path` is put before the others that programs are looked for in. */
  connect(options?: PlaceConnection): Connection
}

export interface PlaceConnection {
  readonly path?: string
  /** @default root */
  readonly user?: string
}
