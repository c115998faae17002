/**
 * The floor: one hand-written script per host over plain ssh2, with nothing between. Its argument is a JSON file of
 * FloorHost. Ends with 1 unless every host did all of it, and prints how many changes there were.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import ssh2 from 'ssh2'
import { floorScript } from './floor-script.ts'
import { planFor } from './plan.ts'

export interface FloorHost {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly keyFile: string
  /** `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  readonly root: string
}

/** As many handshakes at a time as tsplay has in flight. */
const atOnce = 48

const hosts = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorHost[]
const keys = new Map(hosts.map(({ keyFile }) => [keyFile, readFileSync(keyFile, 'utf8')]))
const waiting = [...hosts]
const counts: number[] = []
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) counts.push(await runOn(host))
  }),
)
console.log(`changed=${counts.reduce((sum, count) => sum + count, 0)}`)

function runOn(host: FloorHost): Promise<number> {
  const key = keys.get(host.keyFile)
  if (key === undefined) throw new Error('no key')
  return new Promise((done, fail) => {
    const client = new ssh2.Client()
    client.on('error', fail)
    client.on('ready', () => {
      client.exec('sh -s', (error, channel) => {
        if (error) return fail(error)
        let output = ''
        let code: unknown
        channel.on('data', (chunk: Buffer) => (output += chunk.toString()))
        channel.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
        channel.on('exit', (exit: unknown) => (code = exit))
        channel.on('close', () => {
          client.end()
          const count = /^changed=(\d+)$/m.exec(output)?.[1]
          if (code === 0 && count !== undefined) done(Number(count))
          else fail(new Error(`${host.name}: exit ${String(code)}: ${output}`))
        })
        channel.end(floorScript(planFor(host.root)))
      })
    })
    const method: ssh2.PublicKeyAuthMethod = { type: 'publickey', username: host.user, key }
    const known = Buffer.from(host.hostKey.split(' ')[1] ?? '', 'base64')
    client.connect({
      sock: connect({ host: host.address, port: host.port, noDelay: true }),
      username: host.user,
      authHandler: [method],
      // All hosts are this machine: their key exchanges are made by the same two cores.
      readyTimeout: 120_000,
      hostVerifier: (offered: Buffer) => offered.equals(known),
    })
  })
}
