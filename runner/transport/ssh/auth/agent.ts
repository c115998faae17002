import ssh2, { type ParsedKey } from 'ssh2'
import type { Identity } from './identity.ts'

/** An agent that does not answer (a forwarded one whose link is gone) is no agent. */
const limitMs = 5000

/** The keys that an agent holds. Certificates and FIDO keys are not among them: ssh2 does not know them. Throws when it does not answer. */
export async function agentIdentities(socket: string): Promise<Identity[]> {
  const agent = new ssh2.OpenSSHAgent(socket)
  const keys = await limited<readonly ParsedKey[]>((done, fail) => {
    agent.getIdentities((error, found) => {
      if (error) fail(error)
      else done((found ?? []).flatMap(parsed))
    })
  })
  return keys.map((publicKey) => ({
    label: `agent${publicKey.comment === '' ? '' : `: ${publicKey.comment}`}`,
    publicKey,
    sign: (data, hash) =>
      new Promise((done, fail) => {
        const rsa = hash === 'sha1' || hash === 'sha256' || hash === 'sha512'
        agent.sign(publicKey, data, rsa ? { hash } : {}, (error, signature) => {
          if (signature === undefined)
            fail(new Error(`the agent does not sign: ${error?.message ?? 'no reason given'}`))
          else done(signature)
        })
      }),
  }))
}

function parsed(key: unknown): ParsedKey[] {
  const source = typeof key === 'object' && key !== null && 'pubKey' in key ? key.pubKey : key
  const result = ssh2.utils.parseKey(source as ParsedKey)
  return result instanceof Error ? [] : [result]
}

function limited<T>(act: (done: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`the agent did not answer within ${limitMs / 1000} s`)), limitMs)
    const settle =
      <A>(act: (it: A) => void) =>
      (it: A) => {
        clearTimeout(timer)
        act(it)
      }
    act(settle(done), settle(fail))
  })
}
