import { Argument, Command } from 'commander'
import { selectHosts } from '../../../inventory/pattern.ts'
import { TsplayError } from '../../model/errors.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import type { Console } from '../console.ts'
import { resolveLimit } from '../limit.ts'
import { loadPlaybook } from '../load-playbook.ts'
import { openInventory } from '../open-inventory.ts'
import { type HostOptions, hostOptions, tagsOption } from '../options.ts'

interface ListOptions extends HostOptions {
  readonly tags?: readonly string[]
}

const help = `
Examples:
  tsplay list hosts -i hosts.yaml --limit 'web:!web3'
  tsplay list plays site.ts -i hosts.yaml            plays, in order, with their hosts
  tsplay list tags site.ts`

/** `tsplay list hosts|plays|tags`. */
export function listCommand(console: Console): Command {
  const command = new Command('list')
    .summary('list hosts, plays or tags')
    .description('Lists the hosts of an inventory, or the plays or tags of a playbook. Connects to nothing.')
    .addArgument(new Argument('<what>', 'what to list').choices(['hosts', 'plays', 'tags']))
    .argument('[file]', 'the playbook, for plays and tags')
  for (const option of [...hostOptions(), tagsOption()]) command.addOption(option)
  return command
    .addHelpText('after', help)
    .action(async (what: string, file: string | undefined, options: ListOptions) => {
      const lines =
        what === 'hosts' ? await hosts(options, console, file) : await ofPlaybook(what, file, options, console)
      console.stdout.write(lines.map((line) => `${line}\n`).join(''))
    })
}

async function hosts(options: ListOptions, console: Console, file: string | undefined): Promise<readonly string[]> {
  refuseSandbox(options)
  await using opened = await openInventory(options, console, file)
  const limit = await resolveLimit(options.limit, console.cwd)
  return selectHosts(opened.inventory, limit ?? 'all').map(safeLine)
}

async function ofPlaybook(
  what: string,
  file: string | undefined,
  options: ListOptions,
  console: Console,
): Promise<readonly string[]> {
  if (file === undefined)
    throw new TsplayError('USAGE', `tsplay list ${what} wants a playbook: tsplay list ${what} site.ts`)
  const { plays } = await loadPlaybook(file)
  if (what === 'tags') return [...new Set(plays.flatMap(({ tags }) => tags))].toSorted().map(safeLine)
  refuseSandbox(options)
  const chosen = plays.filter(({ tags }) => !options.tags || tags.some((tag) => options.tags?.includes(tag)))
  const opened = await openInventory(options, console, file).catch((error: unknown) => {
    // Without any inventory the plays can still be listed, with their patterns.
    if (error instanceof TsplayError && error.code === 'USAGE' && options.inventory === undefined) return undefined
    throw error
  })
  await using _opened = opened
  const limit = await resolveLimit(options.limit, console.cwd)
  const allowed = opened && limit !== undefined ? new Set(selectHosts(opened.inventory, limit)) : undefined
  return chosen.flatMap((play, i) => {
    const found = opened && selectHosts(opened.inventory, play.hosts).filter((host) => allowed?.has(host) ?? true)
    const tags = play.tags.length === 0 ? '' : `  [${play.tags.join(', ')}]`
    const head = `${i + 1}. ${safeLine(play.name)}  (${safeLine(play.hosts)})${safeLine(tags)}`
    return found === undefined
      ? [head]
      : [head, `   ${found.length === 0 ? 'no hosts' : found.map(safeLine).join(' ')}`]
  })
}

/** Hosts that are not started have no addresses; starting them to list their names would be silly. */
function refuseSandbox({ inventory }: ListOptions): void {
  if (inventory?.some((source) => source.startsWith('sandbox:'))) {
    throw new TsplayError('USAGE', 'a sandbox has nothing to list: its hosts are sandbox1, sandbox2 and so on')
  }
}
