import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import { skip } from './suite.ts'

const run = promisify(execFile)

/** A key distribution centre on this machine, with a realm of a test's own. */
export interface Kerberos extends AsyncDisposable {
  /** For a server (its keys) and a client (its tickets). */
  readonly variables: Readonly<Record<string, string>>
  /** Takes a ticket for a user of the realm. */
  login(user: string): Promise<void>
  logout(): Promise<void>
}

const realm = 'TSPLAY.TEST'

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** A realm with a user, and a host by its address. */
export async function kerberos(folder: string, user: string, address: string): Promise<Kerberos> {
  if (!existsSync('/usr/sbin/krb5kdc')) skip('there is no KDC: apt-get install -y krb5-kdc krb5-user')
  const own = `${folder}/krb5`
  await mkdir(own, { mode: 0o700 })
  const port = await freePort()
  await writeFile(
    `${own}/krb5.conf`,
    `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  ${realm} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  ${address} = ${realm}
`,
  )
  await writeFile(
    `${own}/kdc.conf`,
    `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${own}/principal
    key_stash_file = ${own}/stash
    acl_file = ${own}/acl
  }
`,
  )
  const variables = {
    KRB5_CONFIG: `${own}/krb5.conf`,
    KRB5_KTNAME: `${own}/host.keytab`,
    KRB5CCNAME: `FILE:${own}/tickets`,
    KRB5RCACHENAME: 'none:',
  }
  const env = { ...process.env, ...variables, KRB5_KDC_PROFILE: `${own}/kdc.conf` }
  const kadmin = (query: string) => run('kadmin.local', ['-r', realm, '-q', query], { env })
  await run('kdb5_util', ['create', '-s', '-r', realm, '-P', 'master'], { env })
  await kadmin(`addprinc -randkey host/${address}`)
  await kadmin(`ktadd -k ${own}/host.keytab host/${address}`)
  await kadmin(`addprinc -randkey ${user}`)
  await kadmin(`ktadd -k ${own}/user.keytab ${user}`)
  const kdc = spawn('krb5kdc', ['-n', '-r', realm], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(kdc, 'exit')
  kdc.stderr.resume()
  kdc.stdout.resume()
  return {
    variables,
    async login(name) {
      const args = ['-k', '-t', `${own}/user.keytab`, name]
      // It may not listen yet.
      for (let attempt = 0; ; attempt++) {
        try {
          await run('kinit', args, { env })
          return
        } catch (error) {
          if (attempt === 20) throw error
        }
      }
    },
    async logout() {
      await run('kdestroy', [], { env })
    },
    async [Symbol.asyncDispose]() {
      kdc.kill()
      await ended
    },
  }
}
