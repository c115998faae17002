import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { callerFolder } from '../../runner/model/call-site.ts'
import { type Content, contentBytes, sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { maxTextBytes } from '../../runner/model/facts-of/path.ts'
import { Secret } from '../../runner/model/secret.ts'
import { inText, unknownReason } from '../../runner/model/unknown.ts'

/** What a file is to hold, measured once. */
export interface DesiredContent {
  readonly content: Content
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  /** The content as text, unless it is not UTF-8 or too large to be shown. A secret's too: look at `secret` before. */
  readonly text: string | undefined
  readonly secret: boolean
  /** Why it can't be known yet, in check mode. */
  readonly unknown: string | undefined
}

/** Measures content. Throws `TsplayError('OPTIONS')` on what is neither text nor bytes nor a Secret. */
export function desiredContent(what: string, given: Content): DesiredContent {
  const reason = unknownReason(given)
  const content = inText(given)
  if (typeof content !== 'string' && !(content instanceof Uint8Array) && !(content instanceof Secret)) {
    throw new TsplayError('OPTIONS', `${what}: content has to be a string, bytes or a Secret, not ${typeof content}`)
  }
  const bytes = contentBytes(content)
  const secret = content instanceof Secret
  const text = utf8(bytes)
  return {
    content,
    sha256: sha256(content),
    size: bytes.length,
    text: bytes.length > maxTextBytes ? undefined : text,
    secret,
    unknown: reason ?? (secret ? unknownReason(text ?? '') : undefined),
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Reads a file of the control machine, relative to the file that names it. Throws `TsplayError('OPTIONS')` when it can't.
 * A file that many hosts get is read once, as long as it does not change.
 */
export function localContent(what: string, source: string): Buffer {
  const path = resolve(callerFolder(), source)
  try {
    const { mtimeMs, size, ino } = statSync(path)
    const version = `${mtimeMs} ${size} ${ino}`
    const known = read.get(path)
    const kept = known?.version === version ? known.bytes.deref() : undefined
    if (kept) return kept
    const bytes = readFileSync(path)
    read.set(path, { version, bytes: new WeakRef(bytes) })
    return bytes
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('OPTIONS', `${what}: source can not be read: ${why}`, {
      cause,
      hint: 'source is a path on this machine, relative to the file that names it',
    })
  }
}

const read = new Map<string, { readonly version: string; readonly bytes: WeakRef<Buffer> }>()
