import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { skip } from './suite.ts'

const run = promisify(execFile)

export interface SoftToken {
  /** For PKCS11Provider. */
  readonly library: string
  readonly pin: string
  /** Its key, as in authorized_keys. */
  readonly publicKey: string
  /** What the library needs in the environment to find the token. */
  readonly variables: Readonly<Record<string, string>>
}

/** A PKCS#11 token with an EC key, as SoftHSM makes it. */
export async function softToken(folder: string): Promise<SoftToken> {
  const library = '/usr/lib/softhsm/libsofthsm2.so'
  if (!existsSync(library)) skip('SoftHSM is not installed: apt-get install -y softhsm2')
  const config = `${folder}/softhsm2.conf`
  await mkdir(`${folder}/tokens`)
  await writeFile(config, `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  await writeFile(`${folder}/token.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const pin = '471147'
  const variables = { SOFTHSM2_CONF: config }
  const env = { ...process.env, ...variables }
  const util = (...args: string[]) => run('softhsm2-util', args, { env })
  await util('--init-token', '--free', '--label', 'tsplay', '--pin', pin, '--so-pin', pin)
  await util('--import', `${folder}/token.pem`, '--token', 'tsplay', '--label', 'key', '--id', '01', '--pin', pin)
  const { stdout } = await run('ssh-keygen', ['-D', library], { env })
  return { library, pin, publicKey: stdout.trim(), variables }
}
