import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TsplayError } from '../runner/model/errors.ts'
import { near } from './near.ts'
import { SourceText } from './source-text.ts'
import { ageBegin, ageEnd, ageMagic } from './secrets/age/age-text.ts'
import { isEncrypted } from './secrets/keyring.ts'
import type { Keyring } from './secrets/keyring.ts'

/**
 * Reads a text file of the inventory. Throws `INVENTORY` for a missing file, a directory, an unreadable file, one that
 * is not UTF-8 text, and one that is encrypted and no key of the keyring opens.
 */
export async function readSource(file: string, cwd: string, keyring: Keyring): Promise<SourceText> {
  const path = resolve(cwd, file)
  const raw = await bytes(file, path)
  const text = raw.subarray(0, ageMagic.length).toString('latin1') === ageMagic ? armoured(raw) : decode(file, raw)
  const source = new SourceText(file, text)
  if (!isEncrypted(text)) return source
  const [opened] = await keyring.openAll([text])
  if (opened && !opened.failure) return new SourceText(file, opened.text, { isSecret: true })
  throw source.error(0, `this file ${opened?.failure.reason}`, opened?.failure.hint)
}

/** As age itself would write it with `--armor`. */
const armoured = (raw: Buffer) =>
  `${ageBegin}\n${raw.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n${ageEnd}\n`

async function bytes(file: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw await explain(error, file, path)
  }
}

async function explain(error: unknown, file: string, path: string): Promise<TsplayError> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const names = await readdir(join(path, '..')).catch(() => [])
      const likely = near(path.slice(path.lastIndexOf('/') + 1), names)
      const hint =
        likely.length > 0 ? `Beside it is: ${likely.join(', ')}` : 'For a list of hosts end it with a comma: -i web1,'
      return new TsplayError('INVENTORY', `${file}: there is no such file`, { hint, cause: error })
    }
    case 'EISDIR':
      return new TsplayError('INVENTORY', `${file}: this is a directory, not a file`, { cause: error })
    case 'EACCES':
    case 'EPERM':
      return new TsplayError('INVENTORY', `${file}: you are not permitted to read it`, { cause: error })
    default:
      return new TsplayError('INVENTORY', `${file}: it can not be read: ${String(error)}`, { cause: error })
  }
}

function decode(file: string, raw: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw)
    if (!text.includes('\0')) return text
  } catch {
    // Told below, with binary files.
  }
  throw new TsplayError('INVENTORY', `${file}: this is no UTF-8 text`, {
    hint: 'Save it as UTF-8, or check that it is the file you meant.',
  })
}

/** Whether there is a file or folder of that name. */
export const exists = (file: string, cwd: string): Promise<boolean> =>
  stat(resolve(cwd, file)).then(
    () => true,
    () => false,
  )
