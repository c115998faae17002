import { randomBytes } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readSource } from '../../../inventory/source-file.ts'
import { SourceText } from '../../../inventory/source-text.ts'
import { Keyring } from '../../../inventory/secrets/keyring.ts'
import { ageMagic, isAgeText } from '../../../inventory/secrets/age/age-text.ts'
import { markedValues, withValues } from '../../../inventory/secrets/age/marked-values.ts'
import type { OpenedValue } from '../../../inventory/secrets/age/seal.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Console } from '../console.ts'
import { ageKeys, type AgeOptions } from './age-keys.ts'

/** A file that is encrypted as a whole, or holds values that are. */
export interface SecretFile {
  /** As the user wrote it. */
  readonly file: string
  readonly isWhole: boolean
  /** Opened: the whole text, or with its values in place of their armour. */
  readonly plain: SourceText
  /** The values that were opened; none of a file that is encrypted as a whole. */
  readonly values: readonly OpenedValue[]
}

/** Opens a file by the keys of the command line. Throws TsplayError for one that is not there, or that no key opens. */
export async function openSecretFile(
  file: string,
  options: AgeOptions,
  console: Pick<Console, 'env' | 'cwd'>,
): Promise<SecretFile> {
  const keyring = new Keyring({ ageKeys: ageKeys(options, console) })
  const source = await readSource(file, console.cwd, keyring)
  if (source.isSecret) return { file, isWhole: true, plain: source, values: [] }
  const marked = markedValues(source).filter(({ isSealed }) => isSealed)
  const opened = await keyring.openAll(marked.map(({ text }) => text))
  const texts = opened.map((answer, i) => {
    if (!answer.failure) return answer.text
    throw source.error(marked[i]?.start ?? 0, `the value ${answer.failure.reason}`, answer.failure.hint)
  })
  const plain = withValues(source, new Map(marked.map((value, i) => [value, texts[i] ?? ''])))
  return {
    file,
    isWhole: false,
    plain: new SourceText(file, plain),
    values: marked.map(({ text }, i) => ({ armour: text, text: texts[i] ?? '' })),
  }
}

/** Whether age has anything to do with a file: it is encrypted as a whole, or names values that are. */
export async function holdsAge(file: string, cwd: string): Promise<boolean> {
  const text = await readFile(resolve(cwd, file), 'latin1').catch(() => '')
  return text.startsWith(ageMagic) || isAgeText(text) || text.includes('!age ')
}

/** Replaces a file's content at once or not at all; its mode stays, and a link leads to the new content too. */
export async function replaceFile(file: string, text: string, cwd: string): Promise<void> {
  const path = await realpath(resolve(cwd, file)).catch((cause: unknown) => {
    throw new TsplayError('USAGE', `${file}: there is no such file`, { cause })
  })
  const { mode } = await stat(path)
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`)
  try {
    await using handle = await openNew(temporary)
    await handle.file.chmod(mode & 0o7777)
    await handle.file.writeFile(text)
    await handle.file.sync()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function openNew(path: string) {
  const file = await open(path, 'wx', 0o600)
  return { file, [Symbol.asyncDispose]: () => file.close() }
}
