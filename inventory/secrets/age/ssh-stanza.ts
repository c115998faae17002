import { constants, createHash, hkdfSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import type { Identity, Recipient } from 'age-encryption'
import { base64, fromBase64, sealFileKey, unsealFileKey } from './file-key.ts'

/**
 * Stanzas for ssh keys, which the library leaves out: `ssh-ed25519` and `ssh-rsa` as age's own package agessh makes them
 * (filippo.io/age/agessh). Tests exchange files with the program age both ways.
 */

/** An ssh public key: its kind, and its blob as in `authorized_keys`. */
export interface SshPublicKey {
  readonly kind: 'ssh-ed25519' | 'ssh-rsa'
  readonly blob: Uint8Array
  readonly key: KeyObject
}

/** The private half too. */
export interface SshKeyPair extends SshPublicKey {
  readonly privateKey: KeyObject
}

const labels = {
  'ssh-ed25519': 'age-encryption.org/v1/ssh-ed25519',
  'ssh-rsa': 'age-encryption.org/v1/ssh-rsa',
} as const

export const sshRecipient = (key: SshPublicKey): Recipient => ({
  wrapFileKey(fileKey) {
    if (key.kind === 'ssh-rsa') {
      const body = publicEncrypt({ key: key.key, ...oaep }, fileKey)
      return [{ args: [key.kind, tagOf(key)], body }]
    }
    const ephemeral = randomBytes(32)
    const share = x25519.getPublicKey(ephemeral)
    const shared = x25519.getSharedSecret(ephemeral, montgomery(key))
    const body = sealFileKey(fileKey, wrappingKey(key, shared, share))
    return [{ args: [key.kind, tagOf(key), base64(share)], body }]
  },
})

export const sshIdentity = (key: SshKeyPair): Identity => ({
  unwrapFileKey(stanzas) {
    for (const { args, body } of stanzas) {
      if (args[0] !== key.kind || args[1] !== tagOf(key)) continue
      const opened = key.kind === 'ssh-rsa' ? openRsa(key, body) : openEd25519(key, args, body)
      if (opened) return opened
    }
    return null
  },
})

const oaep = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(labels['ssh-rsa']),
}

function openRsa(key: SshKeyPair, body: Uint8Array): Uint8Array | null {
  try {
    return privateDecrypt({ key: key.privateKey, ...oaep }, body)
  } catch {
    return null
  }
}

function openEd25519(key: SshKeyPair, args: readonly string[], body: Uint8Array): Uint8Array | null {
  if (args.length !== 3) throw new Error('invalid ssh-ed25519 stanza')
  const share = fromBase64(args[2] ?? '', 32)
  const secret = ed25519.utils.toMontgomerySecret(rawKey(key.privateKey, 'd'))
  return unsealFileKey(body, wrappingKey(key, x25519.getSharedSecret(secret, share), share))
}

function wrappingKey(key: SshPublicKey, shared: Uint8Array, share: Uint8Array): Uint8Array {
  const label = labels['ssh-ed25519']
  const tweak = new Uint8Array(hkdfSync('sha256', new Uint8Array(), key.blob, label, 32))
  const tweaked = x25519.getSharedSecret(tweak, shared)
  const salt = Buffer.concat([share, montgomery(key)])
  return new Uint8Array(hkdfSync('sha256', tweaked, salt, label, 32))
}

const montgomery = ({ key }: SshPublicKey) => ed25519.utils.toMontgomery(rawKey(key, 'x'))

function rawKey(key: KeyObject, part: 'd' | 'x'): Uint8Array {
  const value = key.export({ format: 'jwk' })[part]
  if (value === undefined) throw new Error('this key has no such part')
  return Buffer.from(value, 'base64url')
}

/** By it an identity knows its stanza. */
const tagOf = ({ blob }: SshPublicKey) => base64(createHash('sha256').update(blob).digest().subarray(0, 4))
