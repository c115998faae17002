import { ConnectError } from '../../model/errors.ts'

/** The server wants an algorithm that ssh2 does not have; OpenSSH's own client may. */
export class NoCommonAlgorithm extends ConnectError {}

/** What it means that a connection ended before the login began. `heard`: the first bytes that came, if any. */
export function brokenOff(where: string, error: Error | undefined, heard: Buffer | undefined): ConnectError {
  // What carries the connection knows best.
  if (error instanceof ConnectError) return error
  if (heard === undefined) {
    return new ConnectError('handshake', `${where}: the server closed the connection before it said anything`, {
      cause: error,
      // MaxStartups looks just like this, and passes.
      retryable: true,
      hint: 'Too many connections at once (MaxStartups), a penalty for earlier failures, or a server that is going down.',
    })
  }
  if (!heard.includes('SSH-')) return noBanner(where, error, heard)
  const unmatched = /no matching (.*)/i.exec(error?.message ?? '')?.[1]
  if (unmatched !== undefined) {
    return new NoCommonAlgorithm('handshake', `${where}: the server and this client have no ${unmatched} in common`, {
      cause: error,
      hint: 'Allow one that both know in its sshd_config, such as curve25519-sha256, ssh-ed25519 and aes256-gcm@openssh.com.',
    })
  }
  const why = error?.message ?? 'the server closed the connection'
  return new ConnectError('handshake', `${where}: the key exchange failed: ${why}`, { cause: error })
}

function noBanner(where: string, cause: Error | undefined, heard: Buffer): ConnectError {
  const line = heard.toString('latin1').split(/[\r\n]/)[0] ?? ''
  const said = JSON.stringify(line.slice(0, 80).replace(/[^ -~]/g, '?'))
  // What sshd says in place of its banner when it has no time for this client; since 9.8 the same for MaxStartups, which
  // passes, as for a penalty, which asking again does not prolong.
  if (/^(?:Exceeded MaxStartups|Not allowed at this time)/.test(line)) {
    return new ConnectError('handshake', `${where}: the server turns this machine away for now: ${said}`, {
      cause,
      retryable: true,
      hint: 'Too many connections at once (MaxStartups), or a penalty for failed logins (PerSourcePenalties in its sshd_config), which ends by itself, after 10 minutes at most.',
    })
  }
  return new ConnectError('handshake', `${where}: that is no SSH server: it says ${said}`, {
    cause,
    hint: 'Check the port (ansible_port).',
  })
}
