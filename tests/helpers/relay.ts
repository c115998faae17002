import { connect, createServer, type AddressInfo } from 'node:net'

/** A TCP port at another address of this machine that leads to a server. */
export interface Relay extends Disposable {
  readonly port: number
}

/** Listens at `address`, on a free port, until it is disposed of. */
export async function relayAt(
  address: string,
  server: { readonly address: string; readonly port: number },
): Promise<Relay> {
  const relay = createServer((socket) => {
    const inner = connect(server.port, server.address)
    socket.on('error', () => inner.destroy()).pipe(inner)
    inner.on('error', () => socket.destroy()).pipe(socket)
  })
  await new Promise<void>((done) => relay.listen(0, address, done))
  const { port } = relay.address() as AddressInfo
  return { port, [Symbol.dispose]: () => void relay.close() }
}
