import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { graphLines, listShape } from '../../../inventory/ansible-shape.ts'
import { explainVars } from '../../../inventory/explain.ts'
import type { ExplainedValue } from '../../../inventory/explain.ts'
import type { Inventory, InventoryHost } from '../../../inventory/inventory.ts'
import { near } from '../../../inventory/near.ts'
import { shownValue, sortedValue } from '../../../inventory/shown-value.ts'
import { showOrigin } from '../../../inventory/source-text.ts'
import { typeModule } from '../../../inventory/type-module.ts'
import { TsplayError } from '../../model/errors.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import type { Console } from '../console.ts'
import { exitCodes } from '../exit-code.ts'
import { loadPlaybook } from '../load-playbook.ts'
import { openInventory } from '../open-inventory.ts'
import { type HostOptions, inventoryOptions } from '../options.ts'
import { checkInventory } from './inventory-check.ts'
import { schemaText } from './inventory-schema.ts'

interface InventoryOptions extends HostOptions {
  readonly playbook?: string
}

const help = `
Examples:
  tsplay inventory list -i hosts.ini
  tsplay inventory explain web1 http_port -i production/
  tsplay inventory types -i hosts.yaml --output hosts.types.ts
  tsplay inventory check site.ts -i hosts.yaml`

/** `tsplay inventory list|graph|host|explain|types|schema|check`. */
export function inventoryCommand(console: Console): Command {
  const command = new Command('inventory')
    .summary('show, explain and check an inventory')
    .description('Shows what an inventory says, and where it says so. Connects to nothing.')
    .addHelpText('after', help)
  const add = (name: string, description: string) => {
    const made = command
      .command(name)
      .summary(description)
      .description(`${description[0]?.toUpperCase()}${description.slice(1)}.`)
    made.copyInheritedSettings(command).showHelpAfterError(`(tsplay inventory ${name} --help shows what there is)`)
    made.exitOverride().configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
    })
    for (const option of inventoryOptions()) made.addOption(option)
    return made.addOption(
      new Option('--playbook <file>', 'the group_vars and host_vars beside this playbook count too').helpGroup(
        'Which hosts:',
      ),
    )
  }
  const print = (lines: readonly string[]) => console.stdout.write(lines.map((line) => `${line}\n`).join(''))
  const json = (value: unknown) => print([JSON.stringify(sortedValue(shownValue(value)), undefined, 4)])
  const open = (options: InventoryOptions) => openInventory(options, console, options.playbook)

  add('list', 'print all groups, hosts and variables as JSON, in the shape of ansible-inventory --list').action(
    async (options: InventoryOptions) => {
      await using opened = await open(options)
      json(listShape(opened.inventory))
    },
  )
  add('graph', 'draw the groups and their hosts as a tree')
    .argument('[group]', 'where to begin', 'all')
    .addOption(new Option('--vars', "show each host's variables too"))
    .action(async (group: string, options: InventoryOptions & { readonly vars?: true }) => {
      await using opened = await open(options)
      const { inventory } = opened
      if (!inventory.groups.has(group)) throw unknownName('group', group, inventory.groups.keys())
      print(graphLines(inventory, group, options.vars ? (host) => varLines(inventory, host) : undefined).map(safeLine))
    })
  add('host', 'print the variables of one host as JSON')
    .argument('<host>', 'its name')
    .action(async (name: string, options: InventoryOptions) => {
      await using opened = await open(options)
      json(hostOf(opened.inventory, name).vars)
    })
  add('explain', 'show where the values of a host come from, and what they overrode')
    .argument('<host>', 'its name')
    .argument('[key]', 'one variable; else all are shown')
    .action(async (name: string, key: string | undefined, options: InventoryOptions) => {
      await using opened = await open(options)
      const host = hostOf(opened.inventory, name)
      if (key !== undefined && !Object.hasOwn(host.vars, key))
        throw unknownName('variable', key, Object.keys(host.vars))
      print(explanation(opened.inventory, host, key).map(safeLine))
    })
  add('types', 'write a TypeScript module of group names, host names and variable types')
    .addOption(new Option('--output <file>', 'where to write it; else it is printed'))
    .addOption(new Option('--check', 'write nothing: fail when the file is not what would be written'))
    .action(async (options: InventoryOptions & { readonly output?: string; readonly check?: true }) => {
      await using opened = await open(options)
      const sources = (options.inventory ?? []).flatMap((source) => ['-i', source])
      const output = options.output === undefined ? [] : ['--output', options.output]
      const text = typeModule(opened.inventory, ['tsplay inventory types', ...sources, ...output].join(' '))
      if (options.check) await refuseStale(options.output, text, console)
      else if (options.output === undefined) console.stdout.write(text)
      else await writeFile(resolve(console.cwd, options.output), text)
    })
  command
    .command('schema')
    .summary('print a JSON Schema of inventory files, for editors')
    .description('Prints a JSON Schema of inventory files, for editors, with the variables that a playbook wants.')
    .argument('[playbook]', 'the schemas of its variables are in it too')
    .addOption(new Option('--output <file>', 'where to write it; else it is printed'))
    .action(async (playbook: string | undefined, { output }: { readonly output?: string }) => {
      const text = await schemaText(playbook)
      if (output === undefined) console.stdout.write(text)
      else await writeFile(resolve(console.cwd, output), text)
    })
  add('check', 'check an inventory, and what a playbook wants of it')
    .argument('[playbook]', 'its patterns and variables are checked too')
    .action(async (playbook: string | undefined, options: InventoryOptions) => {
      // In part by another thread, while the inventory is read; what is wrong with it comes second.
      const loading = playbook === undefined ? undefined : loadPlaybook(playbook)
      loading?.catch(() => {})
      await using opened = await openInventory(options, console, playbook ?? options.playbook)
      const { lines, fine } = await checkInventory(opened.inventory, loading, console)
      print(lines)
      if (!fine) console.exitWith(exitCodes.usage)
    })
  return command
}

function hostOf(inventory: Inventory, name: string): InventoryHost {
  const host = inventory.hosts.get(name)
  if (host) return host
  throw unknownName('host', name, inventory.hosts.keys())
}

function unknownName(noun: string, name: string, known: Iterable<string>): TsplayError {
  const likely = near(name, known)
  const hint = likely.length > 0 ? { hint: `Did you mean ${likely.join(' or ')}?` } : {}
  return new TsplayError('USAGE', `there is no ${noun} "${name}"`, hint)
}

const varLines = (inventory: Inventory, host: string) =>
  Object.entries(inventory.hosts.get(host)?.vars ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `{${name} = ${JSON.stringify(shownValue(value))}}`)

function explanation(inventory: Inventory, host: InventoryHost, key: string | undefined): string[] {
  const vars = explainVars(inventory, host.name).filter(({ name }) => key === undefined || name === key)
  const head = `${host.name}  (${showOrigin(host.origin)}), in ${host.groups.join(', ')}`
  const lines = vars.flatMap(({ name, values }) =>
    values.map((one, i) =>
      [i === 0 ? `${name} =` : '    overrode', JSON.stringify(shownValue(one.value)), ` (${saidBy(one)})`].join(' '),
    ),
  )
  return key === undefined ? [head, ...lines] : lines
}

/** `host: hosts.yaml:3:5`. */
const saidBy = ({ level, origin }: ExplainedValue) =>
  level === 'command line' ? level : `${level}: ${showOrigin(origin)}`

async function refuseStale(file: string | undefined, text: string, console: Console): Promise<void> {
  if (file === undefined) throw new TsplayError('USAGE', '--check wants --output: the file that is to be checked')
  const there = await readFile(resolve(console.cwd, file), 'utf8').catch(() => undefined)
  if (there === text) return
  throw new TsplayError(
    'INVENTORY',
    `${file} is not what the inventory says${there === undefined ? ': it is not there' : ''}`,
    {
      hint: 'Write it again: the same command without --check',
    },
  )
}
