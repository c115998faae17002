import { Command } from 'commander'
import { TsplayError } from '../../model/errors.ts'
import { createPalette, wantsColour } from '../../report/palette.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import type { Target } from '../../transport/target.ts'
import { connectionDefaults } from '../connection-defaults.ts'
import type { Console } from '../console.ts'
import { examine } from '../doctor/examine.ts'
import type { Finding } from '../doctor/finding.ts'
import { exitCodes } from '../exit-code.ts'
import { openInventory } from '../open-inventory.ts'
import { type ConnectionOptions, connectionOptions, type HostOptions, hostOptions } from '../options.ts'
import { terminalPrompter } from '../prompter.ts'
import { targetOf } from '../target-of.ts'

type DoctorOptions = HostOptions & ConnectionOptions

const help = `
Example:
  tsplay doctor web1 -i hosts.yaml

Exit codes: 0 all is well, or only costs something; 1 something keeps tsplay from working there; 2 wrong arguments;
3 the host can't be reached.`

/** `tsplay doctor HOST`: what is found on the way to a host and on it, each with its remedy. */
export function doctorCommand(console: Console): Command {
  const command = new Command('doctor')
    .summary('look at the way to a host, and at what it lacks')
    .description('Shows how a host is reached and why so, then logs in and looks at what tsplay needs there.')
    .argument('<host>', "a host's name in the inventory; without an inventory, any that ssh can reach")
  for (const option of [...hostOptions(), ...connectionOptions()]) command.addOption(option)
  return command.addHelpText('after', help).action(async (host: string, options: DoctorOptions) => {
    const target = await findTarget(host, options, console)
    const show = printer(console)
    let code: number = exitCodes.ok
    for await (const finding of examine(target, terminalPrompter())) {
      show(finding)
      if (finding.fatal === true && code === exitCodes.ok) code = exitCodes.failed
      if (finding.what === 'connection' && finding.fatal === true) code = exitCodes.unreachable
    }
    console.exitWith(code)
  })
}

async function findTarget(host: string, options: DoctorOptions, console: Console): Promise<Target> {
  const opened = await openInventory(options, console).catch((error: unknown) => {
    if (!(error instanceof TsplayError && error.code === 'USAGE') || options.inventory !== undefined) throw error
    return openInventory({ ...options, inventory: [`${host},`] }, console)
  })
  await using _opened = opened
  if (opened.ownTarget(host) !== undefined) {
    throw new TsplayError('USAGE', `${host} is a host of a sandbox, which ends with the command`)
  }
  const defaults = await connectionDefaults(options, terminalPrompter())
  return targetOf(opened.inventory, host, defaults, console.cwd)
}

const column = 12

function printer(console: Console): (finding: Finding) => void {
  const palette = createPalette(wantsColour(console.stdout, console.env))
  return ({ what, found, remedy, fatal }) => {
    const paint = fatal === true ? palette.failed : remedy === undefined ? (text: string) => text : palette.changed
    const [first = '', ...rest] = found.split('\n').map(safeLine)
    const lines = [
      `${palette.bold(what.padEnd(column))} ${paint(first)}`,
      ...rest.map((line) => `${' '.repeat(column)} ${paint(line)}`),
      ...(remedy === undefined ? [] : [`${' '.repeat(column)} -> ${safeLine(remedy)}`]),
    ]
    console.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
}
