import { Command, Option } from 'commander'
import type { Ran } from '../../model/command.ts'
import { TsplayError } from '../../model/errors.ts'
import { isPlaybook, playbook, type PlaybookDefinition } from '../../model/playbook.ts'
import { safeLines } from '../../report/terminal-safe.ts'
import { type AdHocOptions, type Lines, runAdHoc } from '../ad-hoc.ts'
import type { Console } from '../console.ts'
import { exitCodeOfRun, exitCodesHelp } from '../exit-code.ts'
import { connectionOptions, hostOptions, outputOptions } from '../options.ts'

interface ExecOptions extends AdHocOptions {
  readonly become?: boolean | string
}

const help = `
Examples:
  tsplay exec all -- uptime
  tsplay exec 'web:!web3' --become -- systemctl restart nginx
  tsplay exec all -- 'df -h / | tail -1'             one argument is shell text, several are words

Hosts that answered the same are shown together.
${exitCodesHelp}`

/** `tsplay exec PATTERN -- COMMAND`. */
export function execCommand(console: Console): Command {
  const command = new Command('exec')
    .summary('run one command on hosts')
    .description('Runs a command once on every host that the pattern selects, and shows what it printed.')
    .argument('<pattern>', "hosts: 'all', 'web', 'web:!web3', 'db[0]'")
    .argument('<command...>', 'the command, after --')
    .addOption(new Option('-b, --become [user]', 'as root, or as the named user').helpGroup('What is done:'))
  for (const option of [...hostOptions(), ...connectionOptions(), ...outputOptions()]) command.addOption(option)
  return command
    .addHelpText('after', help)
    .action(async (pattern: string, words: readonly string[], options: ExecOptions) => {
      const results = new Map<string, Ran>()
      const made = execPlaybook(pattern, words, options.become ?? false, results)
      const finished = await runAdHoc(made, options, console, {
        journal: true,
        onEnd: (lines) => showGrouped(results, lines),
      })
      console.exitWith(exitCodeOfRun(finished.status))
    })
}

function execPlaybook(
  pattern: string,
  words: readonly string[],
  become: boolean | string,
  results: Map<string, Ran>,
): PlaybookDefinition {
  const adHoc = playbook('exec')
  const [only = '', ...more] = words
  adHoc.play('exec', { hosts: pattern, become }, async (host) => {
    const command = host.command({ everyTime: true })
    // One argument is shell text, as with ssh; several are words, each quoted.
    const ran = more.length === 0 ? await command`sh -c ${only}` : await command`${words}`
    results.set(host.name, ran)
  })
  return definition(adHoc)
}

/** What the engine sees of a playbook that was made here. */
export function definition(made: object): PlaybookDefinition {
  if (isPlaybook(made)) return made
  throw new TsplayError('INTERNAL', 'an ad-hoc playbook is none')
}

function showGrouped(results: ReadonlyMap<string, Ran>, lines: Lines): void {
  const groups = new Map<string, { readonly ran: Ran; readonly hosts: string[] }>()
  for (const [host, ran] of results) {
    const key = JSON.stringify([ran.stdout, ran.stderr])
    const group = groups.get(key)
    if (group) group.hosts.push(host)
    else groups.set(key, { ran, hosts: [host] })
  }
  for (const { ran, hosts } of groups.values()) {
    lines.write(
      `${lines.bold(hosts.toSorted().join(' '))}${hosts.length > 1 ? lines.dim(` (${hosts.length} hosts)`) : ''}`,
    )
    if (ran.stdout !== '') for (const line of safeLines(ran.stdout)) lines.write(`  ${line}`)
    if (ran.stderr !== '') for (const line of safeLines(ran.stderr)) lines.write(`  ${lines.dim('stderr:')} ${line}`)
    if (ran.stdout === '' && ran.stderr === '') lines.write(lines.dim('  (no output)'))
  }
}
