import type { Content } from './content.ts'

/**
 * What happens to a step whose link is cut. `kill` ends its processes at once. `finish` lets it end on its own (for
 * package managers, kubeadm, mkfs: what must not stop half-way); the next run waits for it and takes its result.
 */
export type OnDisconnect = 'kill' | 'finish'

/** Runs text in a POSIX shell on the host. The text is visible in the host's process list: secrets go by `stdin`. */
export interface ScriptStep {
  readonly script: string
  readonly stdin?: Content
  /** Exit codes that count as success. @default [0] */
  readonly okCodes?: readonly number[]
  /** Limit in milliseconds; the step is killed after it. @default 10 minutes */
  readonly timeoutMs?: number
  /** @default 'kill' */
  readonly onDisconnect?: OnDisconnect
  /** What the user can do when it fails. */
  readonly hint?: string
}

/** Writes a file at once or not at all: temporary file beside the target, fsync, owner, mode, rename. Symlinks are followed. */
export interface UploadStep {
  readonly upload: Content
  readonly to: string
  /** Octal, such as `0644`. @default that of the file it replaces, or `0644` */
  readonly mode?: string
  /** @default that of the file it replaces, or the session's user */
  readonly owner?: string
  readonly group?: string
  /** A command that must accept the file before it replaces the old one; `%s` stands for the temporary path. */
  readonly validate?: string
  /** Keeps the old file as `NAME.~YYYYMMDDThhmmssZ~`. */
  readonly backup?: boolean
}

/** What is to become of one thing in a directory; paths are relative to it, and hold no line end. */
export type TreeAction =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: string
      readonly localPath: string
      readonly size: number
    }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** Gives what is there the mode, and the step's owner and group. */
  | { readonly kind: 'attributes'; readonly path: string; readonly mode?: string }
  /** A directory has to be empty by then. */
  | { readonly kind: 'remove'; readonly path: string }

/**
 * Changes things in a directory, in their order. The contents travel as one stream, and each file takes its place at once or
 * not at all, by the rules of {@link UploadStep} where there was one.
 */
export interface TreeStep {
  readonly tree: readonly TreeAction[]
  /** The directory; its parent has to be there. */
  readonly to: string
  /** The mode that it is made with where it is missing. */
  readonly rootMode: string
  /** Of what the actions make or touch. @default that of what is there, or the session's user */
  readonly owner?: string
  readonly group?: string
}

/** Brings a file of the host to the control machine: to a local path, at once or not at all, with mode 0600. */
export interface DownloadStep {
  /** Absolute path on the host. */
  readonly download: string
  /** Absolute path on the control machine; its directory is made where it is missing. */
  readonly to: string
}

/** One action of a resource, as data. */
export type Step = ScriptStep | UploadStep | TreeStep | DownloadStep
