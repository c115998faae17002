import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readSource } from '../../../inventory/source-file.ts'
import { SourceText } from '../../../inventory/source-text.ts'
import { Keyring } from '../../../inventory/secrets/keyring.ts'
import { markedValues } from '../../../inventory/secrets/age/marked-values.ts'
import { sealMarked, sealText } from '../../../inventory/secrets/age/seal.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Console } from '../console.ts'
import { editText } from './edit.ts'
import { recipientsFor, type RecipientOptions } from './recipients.ts'
import { holdsAge, openSecretFile, replaceFile } from './secret-file.ts'

type Place = Pick<Console, 'env' | 'cwd'>

/** Encrypts the values of a file that are tagged `!age`, or the whole file. Gives a line for the user. */
export async function encryptFile(
  file: string,
  options: RecipientOptions & { readonly whole?: true },
  console: Place,
): Promise<string> {
  const source = await readSource(file, console.cwd, new Keyring({})).catch((error: unknown) => {
    if (error instanceof TsplayError && / is encrypted/.test(error.message))
      throw new TsplayError('USAGE', `${file} is encrypted already`, { hint: 'For other keys: tsplay secrets rekey' })
    throw error
  })
  if (options.whole) {
    await replaceFile(file, await sealText(source.text, await recipientsFor(file, options, console)), console.cwd)
    return `${file}: encrypted`
  }
  const marked = markedValues(source)
  if (marked.length === 0)
    throw new TsplayError('USAGE', `nothing in ${file} is tagged !age`, {
      hint: 'Tag a value (db_password: !age hunter2), or encrypt the whole file: --whole',
    })
  if (marked.every(({ isSealed }) => isSealed)) return `${file}: everything is encrypted already`
  const { text, count } = await sealMarked(source, await recipientsFor(file, options, console))
  await replaceFile(file, text, console.cwd)
  return `${file}: ${count} ${count === 1 ? 'value' : 'values'} encrypted`
}

/** Opens a file in the user's editor and encrypts what it was; values that were not changed keep their armour. */
export async function editFile(file: string, options: RecipientOptions, console: Place): Promise<string> {
  const opened = await openSecretFile(file, options, console)
  const edited = await editText(file, opened.plain.text, console)
  if (edited === opened.plain.text) return `${file}: not changed`
  const recipients = await recipientsFor(file, options, console)
  const text = opened.isWhole
    ? await sealText(edited, recipients)
    : (await sealMarked(new SourceText(file, edited), recipients, opened.values)).text
  await replaceFile(file, text, console.cwd)
  return `${file}: saved`
}

/** Encrypts anew for whoever is named now, each file as it was: whole, or its values. */
export async function rekeyFile(file: string, options: RecipientOptions, console: Place): Promise<string> {
  const opened = await openSecretFile(file, options, console)
  const recipients = await recipientsFor(file, options, console)
  const text = opened.isWhole
    ? await sealText(opened.plain.text, recipients)
    : (await sealMarked(opened.plain, recipients)).text
  await replaceFile(file, text, console.cwd)
  return `${file}: encrypted anew`
}

/** The files of these paths that age has to do with; folders are searched, hidden files in them left out. */
export async function filesWithSecrets(paths: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const kind = await stat(resolve(cwd, path)).catch((cause: unknown) => {
      throw new TsplayError('USAGE', `${path}: there is no such file or folder`, { cause })
    })
    if (!kind.isDirectory()) {
      found.push(path)
      continue
    }
    const entries = await readdir(resolve(cwd, path), { withFileTypes: true })
    const visible = entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    for (const entry of visible.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) found.push(...(await filesWithSecrets([inner], cwd)))
      else if (entry.isFile() && (await holdsAge(inner, cwd))) found.push(inner)
    }
  }
  return found
}
