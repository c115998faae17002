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

/** One action of a resource, as data. */
export type Step = ScriptStep | UploadStep
