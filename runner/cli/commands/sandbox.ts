import { Command } from 'commander'
import type { Console } from '../console.ts'

const help = `
Example:
  tsplay sandbox reset     the next -i sandbox:N from this folder begins with fresh hosts`

/** `tsplay sandbox reset`: forgets what the hosts of `sandbox:N` kept. */
export function sandboxCommand(console: Console): Command {
  const command = new Command('sandbox').summary('forget what sandbox hosts kept').addHelpText('after', help)
  command
    .description('The hosts of -i sandbox:N keep their files between runs from one folder.')
    .command('reset')
    .description("Removes the files of this folder's sandbox hosts.")
    .action(async () => {
      const { keptFolder, resetSandbox } = await import('../../transport/sandbox/kept-folder.ts')
      const removed = await resetSandbox(keptFolder(console.cwd))
      console.stdout.write(
        removed ? 'The sandbox hosts of this folder are gone.\n' : 'This folder has no sandbox hosts.\n',
      )
    })
  return command
}
