import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, resolve } from 'node:path'
import { runScript } from '../../inventory/script-run.ts'
import type { VaultKey } from '../../inventory/secrets/vault-keyring.ts'
import { TsplayError } from '../model/errors.ts'
import { Secret } from '../model/secret.ts'
import type { Console } from './console.ts'
import type { VaultOptions } from './options.ts'
import { terminalPrompter } from './prompter.ts'

/** A password script that waits for somebody is waited for so long. */
const scriptTimeoutMs = 60_000

/**
 * The passwords for what Ansible's vault has encrypted: `--vault-id` and `--vault-password-file`; where neither is given,
 * ANSIBLE_VAULT_IDENTITY_LIST and ANSIBLE_VAULT_PASSWORD_FILE. A file that may be executed is a program that prints the
 * password. Throws TsplayError USAGE for a file that is not there or holds nothing.
 */
export async function readVaultKeys(
  { vaultId = [], vaultPasswordFile = [] }: VaultOptions,
  { env, cwd }: Pick<Console, 'env' | 'cwd'>,
): Promise<readonly VaultKey[]> {
  const given = [...vaultId.map(identity), ...vaultPasswordFile.map((source) => ({ id: 'default', source }))]
  const prompter = terminalPrompter()
  const keys: VaultKey[] = []
  for (const { id, source } of given.length > 0 ? given : ofEnvironment(env)) {
    const password =
      source === 'prompt' ? await prompter.secret(`Vault password (${id}): `) : await fromFile(id, source, cwd)
    keys.push({ id, password })
  }
  return keys
}

interface Identity {
  readonly id: string
  readonly source: string
}

/** `dev@password.txt`, `dev@prompt`, or a file alone. */
function identity(text: string): Identity {
  const at = text.indexOf('@')
  return at === -1
    ? { id: 'default', source: text }
    : { id: text.slice(0, at) || 'default', source: text.slice(at + 1) }
}

function ofEnvironment(env: Console['env']): readonly Identity[] {
  const list = env['ANSIBLE_VAULT_IDENTITY_LIST'] ?? ''
  const file = env['ANSIBLE_VAULT_PASSWORD_FILE'] ?? ''
  const ids = list.split(',').map((one) => one.trim())
  return [...ids.filter((one) => one !== '').map(identity), ...(file === '' ? [] : [{ id: 'default', source: file }])]
}

async function fromFile(id: string, source: string, cwd: string): Promise<Secret<string>> {
  const file = source.startsWith('~/') ? `${homedir()}${source.slice(1)}` : source
  const path = resolve(cwd, file)
  const found = await stat(path).catch((cause: unknown) => {
    throw new TsplayError('USAGE', `the vault password file ${file} can not be read`, { cause })
  })
  if (found.isDirectory()) throw new TsplayError('USAGE', `the vault password file ${file} is a folder`)
  // Ansible's convention: a program of such a name is told which password is wanted.
  const args = /-client(?:\.\w+)?$/.test(basename(path)) ? ['--vault-id', id] : []
  const text =
    (found.mode & 0o111) === 0
      ? await readFile(path, 'utf8').catch((cause: unknown) => {
          throw new TsplayError('USAGE', `the vault password file ${file} can not be read`, { cause })
        })
      : await runScript(path, args, { cwd, timeoutMs: scriptTimeoutMs, noun: 'program that prints the vault password' })
  if (text.trim() === '') throw new TsplayError('USAGE', `the vault password file ${file} holds nothing`)
  return new Secret(text.trim())
}
