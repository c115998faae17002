import { Command } from 'commander'
import { selectHosts } from '../../../inventory/pattern.ts'
import { TsplayError } from '../../model/errors.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import type { Target } from '../../transport/target.ts'
import type { Console } from '../console.ts'
import { connectionDefaults } from '../connection-defaults.ts'
import { exitCodes } from '../exit-code.ts'
import { openInventory } from '../open-inventory.ts'
import { type ConnectionOptions, connectionOptions, type HostOptions, hostOptions } from '../options.ts'
import { terminalPrompter } from '../prompter.ts'
import { targetOf } from '../target-of.ts'
import { collectKeys, inRounds, type KeysOfHost } from '../trust-rounds.ts'

interface TrustOptions extends HostOptions, ConnectionOptions {
  readonly yes?: true
  readonly print?: true
}

const help = `
Examples:
  tsplay trust -i hosts.yaml                 look at all new keys, then remember them
  tsplay trust web -i hosts.yaml --print     lines that pin the keys in the inventory
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub     what to compare with, on a host's console

Keys that have changed are shown, and never replaced: remove the old one with ssh-keygen -R first.
Exit codes: 0 all hosts are trusted; 1 a key has changed, or the answer was no; 2 wrong arguments; 3 a host can't be reached.`

/** `tsplay trust [PATTERN]`: shows the keys of hosts never seen, and remembers them once a person has agreed. */
export function trustCommand(console: Console): Command {
  const command = new Command('trust')
    .summary("look at hosts' keys, and remember them")
    .description('Collects the keys of all hosts at once, without logging in, jump hosts first; shows which are new.')
    .argument('[pattern]', 'hosts', 'all')
  for (const option of [...hostOptions(), ...connectionOptions()]) command.addOption(option)
  return command
    .option('-y, --yes', 'do not ask: for networks where nobody can sit in between')
    .option('--print', 'write nothing; print lines for the inventory')
    .addHelpText('after', help)
    .action(async (pattern: string, options: TrustOptions) => {
      console.exitWith(await trust(pattern, options, console))
    })
}

async function trust(pattern: string, options: TrustOptions, console: Console): Promise<number> {
  await using opened = await openInventory(options, console)
  const { inventory } = opened
  const names = selectHosts(inventory, options.limit === undefined ? pattern : `${pattern}:&${options.limit}`)
  const prompter = terminalPrompter()
  const defaults = await connectionDefaults(options, prompter)
  const targets = names.map(
    (name): Target => opened.ownTarget(name) ?? targetOf(inventory, name, defaults, console.cwd),
  )
  // Loaded here, since most commands do not need it.
  const { SshDialer } = await import('../../transport/ssh/dialer.ts')
  const dialer = new SshDialer({ prompter, onNotice: (message) => void console.stderr.write(`${message}\n`) })
  let code: number = exitCodes.ok
  const worse = (other: number) => {
    code = code === exitCodes.failed ? code : other
  }
  try {
    const reached = targets.filter((target) => target.transport === undefined || isSsh(target))
    for (const round of await inRounds(dialer, reached)) {
      const hosts = await collectKeys(dialer, round, options.forks)
      if (hosts.some((host) => host.error !== undefined)) worse(exitCodes.unreachable)
      if (hosts.some((host) => host.keys.some((key) => key.verdict === 'changed' || key.verdict === 'revoked'))) {
        worse(exitCodes.failed)
      }
      if (options.print === true) console.stdout.write(pinned(hosts))
      else {
        console.stdout.write(shown(hosts))
        if (!(await accept(hosts, options, prompter, console))) worse(exitCodes.failed)
      }
    }
    return code
  } finally {
    await dialer.close()
  }
}

const isSsh = ({ transport = 'ssh' }: Target) => transport === 'ssh' || transport === 'ssh2' || transport === 'openssh'

/** Asks once for a whole round, and writes. False when the answer was no. */
async function accept(
  hosts: readonly KeysOfHost[],
  options: TrustOptions,
  prompter: ReturnType<typeof terminalPrompter>,
  console: Console,
): Promise<boolean> {
  // Where one key of a host has changed, another new one is no less suspicious.
  const trusted = hosts.filter(
    (host) => !host.keys.some((key) => key.verdict === 'changed' || key.verdict === 'revoked'),
  )
  const fresh = trusted.flatMap((host) => host.keys.filter((key) => key.verdict === 'unknown'))
  if (fresh.length === 0) return true
  const held = trusted.find((host) => host.file === undefined && host.keys.some((key) => key.verdict === 'unknown'))
  if (held !== undefined) {
    throw new TsplayError('INVENTORY', `the keys of ${held.name} are pinned in the inventory`, {
      hint: 'See the lines to write there with tsplay trust --print.',
    })
  }
  const what = `${fresh.length} new key${fresh.length === 1 ? '' : 's'}`
  if (options.yes !== true) {
    const question = `Remember ${what}? Only if you have compared them with what the hosts' consoles show. [yes/no]`
    if (!(await confirmed(prompter, question))) return false
  }
  for (const key of fresh) await key.remember()
  const files = [...new Set(trusted.flatMap((host) => host.file ?? []))]
  console.stdout.write(`${what} remembered in ${safeLine(files.join(', '))}\n`)
  return true
}

async function confirmed(prompter: ReturnType<typeof terminalPrompter>, question: string): Promise<boolean> {
  try {
    return await prompter.confirm(question)
  } catch (error) {
    if (!(error instanceof TsplayError && error.code === 'USAGE')) throw error
    throw new TsplayError('USAGE', 'there is no terminal to ask at, and nothing was remembered', {
      hint: 'Compare the fingerprints, then run it again with --yes.',
    })
  }
}

const words = { known: 'known   ', unknown: 'new     ', changed: 'CHANGED ', revoked: 'REVOKED ' } as const

function shown(hosts: readonly KeysOfHost[]): string {
  const lines = hosts.flatMap((host) => [
    `${host.name}  ${host.where}`,
    ...host.keys.map((key) => `  ${words[key.verdict]} ${key.shown}`),
    ...(host.error === undefined ? [] : [`  unreachable: ${host.error}`]),
  ])
  return lines.map((line) => `${line.split('\n').map(safeLine).join('\n  ')}\n`).join('')
}

/** Host variables in YAML; JSON strings are YAML. */
function pinned(hosts: readonly KeysOfHost[]): string {
  const lines = hosts.flatMap((host) => [
    ...(host.error === undefined ? [] : [`# ${safeLine(`${host.name}: ${host.error.split('\n')[0]}`)}`]),
    ...(host.keys.length === 0 ? [] : [`${JSON.stringify(host.name)}:`, '  connection:', '    knownHosts:']),
    ...host.keys.map((key) => `      - ${JSON.stringify(key.line)}`),
  ])
  return lines.map((line) => `${line}\n`).join('')
}
