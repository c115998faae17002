import { sha256 } from '../../runner/model/content.ts'
import type { UserOptions } from './user-options.ts'

/** What the host's password hash is compared with; `undefined` where none is asked for. */
export const passwordDigest = ({ passwordHash }: UserOptions): string | undefined =>
  passwordHash === undefined ? undefined : sha256(passwordHash)
