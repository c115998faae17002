import { TsplayError } from '../../../runner/model/errors.ts'
import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { typed } from '../../../runner/model/typed-question.ts'

/** The SSH connection that a host is reached by, as the host sees it. */
export interface SshConnection {
  readonly client: string
  readonly server: string
  /** The server's port. */
  readonly port: number
  /** The interface that has the server's address, where that can be told. */
  readonly device?: string | undefined
}

/**
 * Asks for the connection in use: what sshd has told the shell (`SSH_CONNECTION`), or one of the processes that have
 * started it, since sudo takes that away. `undefined` where there is none, as in a container that is entered by its engine.
 */
export const sshConnectionProbe = typed('ssh-connection', (): Probe<SshConnection | undefined> => ({
  fact: 'ssh-connection',
  touches: [],
  script: `c=\${SSH_CONNECTION:-} p=$$ n=0
while [ -z "$c" ]&&[ "\${p:-0}" -gt 1 ]&&[ $n -lt 20 ];do n=$((n+1))
c=$(tr '\\0' '\\n' <"/proc/$p/environ"|sed -n 's/^SSH_CONNECTION=//p'|head -n 1)
q=$p p=;while read -r k v;do if [ "$k" = PPid: ];then p=$v;break;fi;done <"/proc/$q/status"
done 2>/dev/null
set -- $c
echo "from $c"
[ $# -lt 4 ]||ip -o addr show to "\${3%%%*}" 2>/dev/null|{ read -r _ d _;echo "on $d";}`,
  parse(raw) {
    if (raw === 'from \n') return undefined
    const [, client = '', server = '', port = '', device] = /^from (\S+) \d+ (\S+) (\d+)\non (\S*)\n$/.exec(raw) ?? []
    if (device === undefined) throw unclear('the SSH connection', raw)
    return { client, server, port: Number(port), device: device === '' ? undefined : device }
  },
}))

/** The error for rules that the connection in use would not outlive. */
export const cutsOff = (what: string, { client, port }: SshConnection, hint: string): TsplayError =>
  new TsplayError(
    'COMMAND',
    `${what}: it would cut off SSH from ${client} to port ${port}, the way this host is reached`,
    {
      hint: `${hint}, or say mayDisconnect: true`,
    },
  )
