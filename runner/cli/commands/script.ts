import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Console } from '../console.ts'
import { loadModule } from '../load-module.ts'

const help = `
Example:
  tsplay script rotate-keys.ts deploy@web1

  // rotate-keys.ts
  import { connect } from 'tsplay'
  await using host = await connect(process.argv[2] ?? 'web1')
  console.log(await host.read\`uname -r\`.text())`

/** `tsplay script FILE [ARGS]`: any TypeScript program, loaded as playbooks are. */
export function scriptCommand(console: Console): Command {
  return new Command('script')
    .summary('run a TypeScript program, such as one that uses connect()')
    .description(
      'Runs a TypeScript file on every supported Node, without a build. It sees its arguments in process.argv.',
    )
    .argument('<file>', 'the program')
    .argument('[args...]', 'its arguments; those with dashes too')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText('after', help)
    .action(async (file: string, args: readonly string[]) => {
      process.argv.splice(1, Infinity, resolve(console.cwd, file), ...args)
      await loadModule(file)
    })
}
