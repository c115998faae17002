import { connect } from 'node:net'

/** An agent that does not answer is no agent. */
const limitMs = 5000

/** What an agent may say at most, in bytes. OpenSSH's own limit. */
const longestAnswer = 256 << 10

const requestIdentities = 11
const identitiesAnswer = 12

/**
 * The types of all keys that an agent holds, such as `ssh-ed25519` and `ssh-ed25519-cert-v01@openssh.com`; those that
 * ssh2 does not know included. Empty where it does not answer. draft-ietf-sshm-ssh-agent, 3.4.
 */
export function agentKeyTypes(socket: string): Promise<readonly string[]> {
  return new Promise((done) => {
    let heard = Buffer.alloc(0)
    const stream = connect(socket)
    const settle = (types: readonly string[]) => {
      clearTimeout(timer)
      stream.destroy()
      done(types)
    }
    const timer = setTimeout(() => settle([]), limitMs)
    stream.on('error', () => settle([]))
    stream.on('close', () => settle([]))
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      if (heard.length > longestAnswer) return settle([])
      if (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) settle(parse(heard.subarray(4)))
    })
    stream.write(Buffer.from([0, 0, 0, 1, requestIdentities]))
  })
}

function parse(answer: Buffer): string[] {
  const types: string[] = []
  try {
    if (answer.readUInt8(0) !== identitiesAnswer) return []
    let at = 5
    for (let left = answer.readUInt32BE(1); left > 0; left--) {
      const blob = answer.subarray(at + 4, at + 4 + answer.readUInt32BE(at))
      types.push(blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)))
      at += 4 + blob.length
      at += 4 + answer.readUInt32BE(at)
    }
  } catch {
    // Cut short: what was understood counts.
  }
  return types
}
