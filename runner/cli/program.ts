import { Command, CommanderError } from 'commander'
import { doctorCommand } from './commands/doctor.ts'
import { execCommand } from './commands/exec.ts'
import { initCommand } from './commands/init.ts'
import { inventoryCommand } from './commands/inventory.ts'
import { listCommand } from './commands/list.ts'
import { pingCommand } from './commands/ping.ts'
import { planCommand, runCommand } from './commands/run.ts'
import { sandboxCommand } from './commands/sandbox.ts'
import { scriptCommand } from './commands/script.ts'
import { secretsCommand } from './commands/secrets.ts'
import { taskCommand } from './commands/task.ts'
import { trustCommand } from './commands/trust.ts'
import type { Console } from './console.ts'
import { exitCodeOfError, exitCodes } from './exit-code.ts'
import { ownVersion } from './own-package.ts'
import { showError } from './show-error.ts'

const help = `
Start here:
  tsplay init                          write a first playbook
  tsplay run site.ts -i sandbox:3      run it on three hosts made for it, on this machine
  tsplay help run                      all about running`

/** All commands and their options. */
export function buildProgram(console: Console): Command {
  const program = new Command('tsplay')
    .description('Runs playbooks written in TypeScript on hosts, over SSH.')
    .version(ownVersion(), '--version', 'show the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(tsplay --help shows what there is)')
    .addHelpText('after', help)
  const commands = [
    runCommand,
    planCommand,
    listCommand,
    inventoryCommand,
    secretsCommand,
    execCommand,
    taskCommand,
    pingCommand,
    trustCommand,
    doctorCommand,
    initCommand,
    scriptCommand,
    sandboxCommand,
  ]
  for (const make of commands) {
    const command = make(console)
    command.copyInheritedSettings(program)
    const words = command.name() === 'exec' ? 'the command and its options go after --; ' : ''
    command.showHelpAfterError(`(${words}tsplay help ${command.name()} shows what there is)`)
    program.addCommand(command)
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
    })
  }
  return program
}

/** Does what the arguments say. Never throws: what is wrong is shown, and told to `console.exitWith`. */
export async function runProgram(console: Console): Promise<void> {
  const program = buildProgram(console)
  try {
    if (console.args.length === 0) {
      program.outputHelp()
      return console.exitWith(exitCodes.usage)
    }
    await program.parseAsync([...console.args], { from: 'user' })
  } catch (error) {
    // Commander has shown what was wrong, or the help or version that was asked for.
    if (error instanceof CommanderError) return console.exitWith(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    showError(error, console)
    console.exitWith(exitCodeOfError(error))
  }
}
