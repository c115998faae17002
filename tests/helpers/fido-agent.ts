import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** An agent with a key that is on a FIDO device, played by this process: signatures are as a device makes them. */
export interface FidoAgent extends AsyncDisposable {
  readonly socket: string
  /** As in authorized_keys. */
  readonly publicKey: string
  /** How often it was touched. */
  readonly signatures: number
}

const type = 'sk-ssh-ed25519@openssh.com'
const application = 'ssh:'

/** RFC 4251 section 5: a string with its length. */
function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()

/** OpenSSH's PROTOCOL.u2f and draft-miller-ssh-agent. */
export async function fidoAgent(folder: string): Promise<FidoAgent> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const key = Buffer.concat([string(type), string(raw), string(application)])
  let signatures = 0

  const signed = (data: Uint8Array): Buffer => {
    signatures += 1
    // Somebody was there, and how often the device has signed.
    const presence = Buffer.from([1, 0, 0, 0, signatures])
    const signature = sign(null, Buffer.concat([sha256(application), presence, sha256(data)]), privateKey)
    return string(Buffer.concat([string(type), string(signature), presence]))
  }

  const answer = (request: Buffer): Buffer => {
    // SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENTC_SIGN_REQUEST; anything else it fails.
    if (request[0] === 11) return Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), string(key), string('device')])
    if (request[0] !== 13) return Buffer.from([5])
    const keyLength = request.readUInt32BE(1)
    const at = 5 + keyLength
    return Buffer.concat([Buffer.from([14]), signed(request.subarray(at + 4, at + 4 + request.readUInt32BE(at)))])
  }

  const serve = (connection: Socket) => {
    let rest = Buffer.alloc(0)
    connection.on('error', () => {})
    connection.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const length = rest.readUInt32BE(0)
        connection.write(string(answer(rest.subarray(4, 4 + length))))
        rest = rest.subarray(4 + length)
      }
    })
  }

  const socket = `${folder}/fido.sock`
  const server = createServer(serve).listen(socket)
  await once(server, 'listening')
  return {
    socket,
    publicKey: `${type} ${key.toString('base64')}`,
    get signatures() {
      return signatures
    },
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
