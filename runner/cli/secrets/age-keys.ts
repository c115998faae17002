import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AgeKey, AgeKeys } from '../../../inventory/secrets/age/age-key.ts'
import { AgeKeyring } from '../../../inventory/secrets/age/age-keyring.ts'
import { isAgeText } from '../../../inventory/secrets/age/age-text.ts'
import { TsplayError } from '../../model/errors.ts'
import { Secret } from '../../model/secret.ts'
import type { Prompter } from '../../transport/target.ts'
import type { Console } from '../console.ts'
import { terminalPrompter } from '../prompter.ts'

export interface AgeOptions {
  readonly ageKey?: readonly string[]
}

/** The key file that is used where no other is named. */
export const ownKeyFile = (env: Console['env']): string =>
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? homedir(), '.config'), 'tsplay', 'age.key')

/**
 * Keys for what age has encrypted: `--age-key`; where none is given, TSPLAY_AGE_KEY (the key itself) and TSPLAY_AGE_KEY_FILE;
 * where neither is set, the user's own key file. A file is one of age's, also one that a passphrase protects, or a
 * private ssh key. Nothing is read and nobody asked before something encrypted is found.
 */
export function ageKeys({ ageKey = [] }: AgeOptions, { env, cwd }: Pick<Console, 'env' | 'cwd'>): AgeKeys {
  const prompter = terminalPrompter()
  const own = ownKeyFile(env)
  return {
    async keys() {
      const inline = env['TSPLAY_AGE_KEY'] ?? ''
      const file = env['TSPLAY_AGE_KEY_FILE'] ?? ''
      if (ageKey.length > 0) return (await Promise.all(ageKey.map((one) => readKeyFile(one, cwd, prompter)))).flat()
      const found = inline === '' ? [] : ageIdentities(inline, 'TSPLAY_AGE_KEY')
      if (file !== '') return [...found, ...(await readKeyFile(file, cwd, prompter))]
      if (found.length > 0) return found
      return readKeyFile(own, cwd, prompter).catch((error: unknown) => {
        if (error instanceof TsplayError && isAbsent(error.cause)) return []
        throw error
      })
    },
    passphrase: async () => {
      const given = env['TSPLAY_AGE_PASSPHRASE'] ?? ''
      return given === '' ? prompter.secret('Passphrase of age: ') : new Secret(given)
    },
  }
}

const isAbsent = (cause: unknown) => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

/** All keys of a file. Throws TsplayError USAGE for one that is not there, or holds none. */
async function readKeyFile(file: string, cwd: string, prompter: Prompter): Promise<AgeKey[]> {
  const path = resolve(cwd, file.startsWith('~/') ? `${homedir()}${file.slice(1)}` : file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TsplayError(
      'USAGE',
      `the key file ${file} can not be read: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  })
  if (isAgeText(text)) {
    const [opened] = await new AgeKeyring({
      keys: () => Promise.resolve([]),
      passphrase: () => prompter.secret(`Passphrase of ${file}: `),
    }).openAll([text])
    if (!opened || opened.failure) throw new TsplayError('USAGE', `the key file ${file} ${opened?.failure.reason}`)
    return ageIdentities(opened.text, file)
  }
  return text.includes('PRIVATE KEY-----') ? [await sshKey(text, file, prompter)] : ageIdentities(text, file)
}

/** Lines of a key file of age: keys, empty ones, and comments. */
function ageIdentities(text: string, label: string): AgeKey[] {
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const strange = keys.findIndex((line) => !/^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/.test(line))
  if (keys.length === 0 || strange !== -1) {
    const what = keys.length === 0 ? 'holds no key' : 'has a line that is no key of age'
    throw new TsplayError('USAGE', `${label} ${what}`, {
      hint: 'A key begins with AGE-SECRET-KEY-1; plugins of age are not supported. tsplay secrets keygen makes one.',
    })
  }
  return keys.map((key) => ({ label, identity: new Secret(key) }))
}

async function sshKey(text: string, file: string, prompter: Prompter): Promise<AgeKey> {
  const { readKeyPair } = await import('../../transport/ssh/auth/key-pair.ts')
  const first = readKeyPair(text)
  const pair = first === 'locked' ? readKeyPair(text, await prompter.secret(`Passphrase for ${file}: `)) : first
  if (pair === 'locked') throw new TsplayError('USAGE', `${file} can not be decrypted with the passphrase given`)
  if (pair?.kind !== 'ssh-ed25519' && pair?.kind !== 'ssh-rsa') {
    throw new TsplayError(
      'USAGE',
      `${file} is no private key that age can use${pair === undefined ? '' : `, but ${pair.kind}`}`,
      {
        hint: 'Of ssh keys, age takes ed25519 and rsa.',
      },
    )
  }
  const { sshIdentity, sshRecipient } = await import('../../../inventory/secrets/age/ssh-stanza.ts')
  const key = { ...pair, kind: pair.kind } as const
  return { label: file, identity: sshIdentity(key), recipient: sshRecipient(key) }
}
