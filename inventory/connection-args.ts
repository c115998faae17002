import { fault, text } from './connection-value.ts'
import type { InventoryHost } from './inventory.ts'
import { parseSshArgs, SshArgsFault } from './ssh-args.ts'
import type { SshArgs } from './ssh-args.ts'

/** In the order in which Ansible gives them to ssh, to which the first one counts. */
const argNames = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args']

/** What the variables for ssh's arguments say together. */
interface ConnectionArgs extends Omit<SshArgs, 'port'> {
  port?: number
}

/** Reads them all. Throws `INVENTORY` with the place. */
export function connectionArgs(host: InventoryHost): ConnectionArgs {
  let found: ConnectionArgs = {}
  for (const name of argNames) {
    const value = text(host, [name])
    if (value === undefined) continue
    const { port, ...rest } = parse(host, name, value)
    found = {
      ...rest,
      ...found,
      ...joined('identityFiles', found, rest),
      ...joined('sshOptions', found, rest),
    }
    if (port === undefined) continue
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
      throw fault(host, name, `a port from 1 to 65535 is expected, not ${port}`)
    found.port ??= Number(port)
  }
  return found
}

function joined(key: 'identityFiles' | 'sshOptions', first: ConnectionArgs, then: ConnectionArgs): ConnectionArgs {
  const all = [...(first[key] ?? []), ...(then[key] ?? [])]
  return all.length === 0 ? {} : { [key]: all }
}

function parse(host: InventoryHost, name: string, value: string): SshArgs {
  try {
    return parseSshArgs(value)
  } catch (error) {
    if (!(error instanceof SshArgsFault)) throw error
    throw fault(
      host,
      name,
      error.message,
      'What says how a host is reached can stand here: -J, -p, -l, -i, -F, -4, -6, -A, and -o with options of ssh_config(5).',
    )
  }
}
