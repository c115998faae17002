import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Identity, Recipient } from 'age-encryption'
import { reveal } from '../../../runner/model/secret.ts'
import type { Secret } from '../../../runner/model/secret.ts'
import { base64, fromBase64, sealFileKey, unsealFileKey } from './file-key.ts'

/**
 * Passphrases as age has them (C2SP age.md, "The scrypt recipient type"). The library has them too, in JavaScript, which
 * holds everything else up for seconds; node:crypto takes one, on another thread.
 */

const label = 'age-encryption.org/v1/scrypt'
/** As the program age: about a second of work. */
const workFactor = 18
const mostWork = 22

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

const keyOf = (passphrase: Secret<string>, salt: Uint8Array, logN: number): Promise<Buffer> =>
  derive(reveal(passphrase), Buffer.concat([Buffer.from(label), salt]), 32, {
    N: 2 ** logN,
    r: 8,
    p: 1,
    maxmem: 2 ** (logN + 11),
  })

/** Opens what was encrypted with a passphrase, which is only asked for then. */
export const scryptIdentity = (passphrase: () => Promise<Secret<string>>): Identity => ({
  async unwrapFileKey(stanzas) {
    const stanza = stanzas.find(({ args }) => args[0] === 'scrypt')
    if (stanza === undefined) return null
    if (stanzas.length !== 1) throw new Error('a passphrase is not its only recipient')
    const [, salt = '', work = ''] = stanza.args
    if (stanza.args.length !== 3 || !/^[1-9][0-9]?$/.test(work)) throw new Error('invalid scrypt stanza')
    if (Number(work) > mostWork) throw new Error(`a work factor of ${work}: opening it would take minutes`)
    return unsealFileKey(stanza.body, await keyOf(await passphrase(), fromBase64(salt, 16), Number(work)))
  },
})

/** Encrypts with a passphrase; it has to be the only recipient. */
export const scryptRecipient = (passphrase: Secret<string>): Recipient => ({
  async wrapFileKey(fileKey) {
    const salt = randomBytes(16)
    const key = await keyOf(passphrase, salt, workFactor)
    return [{ args: ['scrypt', base64(salt), String(workFactor)], body: sealFileKey(fileKey, key) }]
  },
})
