import type { Recipient } from 'age-encryption'
import { SourceText } from '../../source-text.ts'
import { markedValues, withValues } from './marked-values.ts'
import type { MarkedValue } from './marked-values.ts'

/** For whom something is encrypted: `age1…`, or what makes stanzas of another kind. */
export type AgeRecipient = string | Recipient

/** What age makes of a text, armoured. Throws an Error for a recipient that is none. */
export async function sealText(text: string, recipients: readonly AgeRecipient[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(text))
}

/** A value that was opened, with the armour that it had. */
export interface OpenedValue {
  readonly text: string
  readonly armour: string
}

/**
 * Encrypts every value that is tagged `!age` and is not encrypted yet. One whose text is among `known` gets back the
 * armour that it had, so that what was not changed does not show in a commit.
 */
export async function sealMarked(
  source: SourceText,
  recipients: readonly AgeRecipient[],
  known: readonly OpenedValue[] = [],
): Promise<{ readonly text: string; readonly count: number }> {
  const left = [...known]
  const sealed = new Map<MarkedValue, string>()
  for (const value of markedValues(source)) {
    if (value.isSealed) continue
    const same = left.findIndex(({ text }) => text === value.text)
    const [before] = same === -1 ? [] : left.splice(same, 1)
    sealed.set(value, before?.armour ?? (await sealText(value.text, recipients)))
  }
  return { text: withValues(source, sealed), count: sealed.size }
}
