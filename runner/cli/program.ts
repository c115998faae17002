import { Command, CommanderError } from 'commander'
import type { Console } from './console.ts'
import { exitCodeOfError, exitCodes } from './exit-code.ts'
import { ownVersion } from './own-package.ts'
import { showError } from './show-error.ts'

const help = `
Start here:
  tsplay init                          write a first playbook
  tsplay run site.ts -i sandbox:3      run it on three hosts made for it, on this machine
  tsplay help run                      all about running`

type MakeCommand = (console: Console) => Command

/** Each command with what it needs, which is loaded for the one that is asked for: starting is half of a short command's time. */
const commands = new Map<string, () => Promise<MakeCommand>>([
  ['run', async () => (await import('./commands/run.ts')).runCommand],
  ['plan', async () => (await import('./commands/run.ts')).planCommand],
  ['list', async () => (await import('./commands/list.ts')).listCommand],
  ['inventory', async () => (await import('./commands/inventory.ts')).inventoryCommand],
  ['secrets', async () => (await import('./commands/secrets.ts')).secretsCommand],
  ['exec', async () => (await import('./commands/exec.ts')).execCommand],
  ['task', async () => (await import('./commands/task.ts')).taskCommand],
  ['ping', async () => (await import('./commands/ping.ts')).pingCommand],
  ['trust', async () => (await import('./commands/trust.ts')).trustCommand],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctorCommand],
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['script', async () => (await import('./commands/script.ts')).scriptCommand],
  ['sandbox', async () => (await import('./commands/sandbox.ts')).sandboxCommand],
])

/** All commands and their options; of what begins with a command's name, that one alone. */
export async function buildProgram(console: Console): Promise<Command> {
  const program = new Command('tsplay')
    .description('Runs playbooks written in TypeScript on hosts, over SSH.')
    .version(ownVersion(), '--version', 'show the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(tsplay --help shows what there is)')
    .addHelpText('after', help)
  const [name = ''] = console.args
  const asked = commands.get(name)
  const needed = asked ? [asked] : name === '--version' ? [] : [...commands.values()]
  const made = await Promise.all(needed.map((load) => load()))
  for (const make of made) {
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
  const program = await buildProgram(console)
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
