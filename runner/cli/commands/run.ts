import { Command, Option } from 'commander'
import type { RunFinished } from '../../engine/events.ts'
import { journalFolder } from '../../report/journal.ts'
import type { Console } from '../console.ts'
import { exitCodeOfRun, exitCodes, exitCodesHelp } from '../exit-code.ts'
import { gitCommit } from '../git-commit.ts'
import { loadPlaybook } from '../load-playbook.ts'
import { resolveLimit } from '../limit.ts'
import { openInventory } from '../open-inventory.ts'
import { journalRoot, openReport } from '../open-report.ts'
import { openRun } from '../open-run.ts'
import { openReadAheadFile } from '../read-ahead-file.ts'
import {
  checkOption,
  type ConnectionOptions,
  connectionOptions,
  diffOption,
  type HostOptions,
  hostOptions,
  type OutputOptions,
  outputOptions,
  readAheadOption,
  tagsOption,
  typeCheckOption,
  waitLockOption,
} from '../options.ts'
import { typeCheck } from '../type-check.ts'

interface RunOptions extends HostOptions, ConnectionOptions, OutputOptions {
  readonly tags?: readonly string[]
  readonly check?: boolean
  readonly diff?: boolean
  readonly typeCheck: boolean
  readonly readAhead: boolean
  readonly waitLock?: number
}

const runHelp = `
Examples:
  tsplay run site.ts -i hosts.yaml
  tsplay run site.ts -i hosts.yaml --limit web1,web2 --tags config
  tsplay run site.ts -i hosts.yaml --limit @failed   the hosts that failed or were unreachable in the last run
  tsplay run site.ts -i sandbox:3                    on three hosts made for it, on this machine
  tsplay run site.ts -e version=1.34.2 -e @prod.yaml

Without -i: TSPLAY_INVENTORY, else hosts.yaml, hosts.yml or inventory.yaml beside the playbook or in the current folder.
${exitCodesHelp}`

/** `tsplay run FILE`. */
export function runCommand(console: Console): Command {
  return shared(new Command('run'), runHelp)
    .summary('run a playbook')
    .description('Runs a playbook on the hosts that its plays name, and shows what was changed.')
    .addOption(checkOption())
    .addOption(diffOption())
    .addOption(waitLockOption())
    .action(async (file: string, options: RunOptions) => {
      const finished = await run(file, options, console)
      console.exitWith(exitCodeOfRun(finished.status))
    })
}

const planHelp = `
Examples:
  tsplay plan site.ts -i hosts.yaml
  tsplay plan site.ts -i hosts.yaml --exit-code      for CI: 4 when there is something to change
${exitCodesHelp}
  4    with --exit-code: there are changes, certain or possible`

/** `tsplay plan FILE`: what `run --check --diff` does. */
export function planCommand(console: Console): Command {
  return shared(new Command('plan'), planHelp)
    .summary('show what a run would change, and change nothing')
    .description('Predicts what a run would change, in full, and writes nothing. The same as run --check --diff.')
    .addOption(new Option('--exit-code', 'exit with 4 when there are changes').helpGroup('What is done:'))
    .action(async (file: string, options: RunOptions & { readonly exitCode?: true }) => {
      const finished = await run(file, { ...options, check: true, diff: true }, console)
      const code = exitCodeOfRun(finished.status)
      console.exitWith(code === exitCodes.ok && options.exitCode && changes(finished) ? exitCodes.changes : code)
    })
}

const changes = ({ recap }: RunFinished) => Object.values(recap).some((host) => host.changed > 0 || host.may > 0)

function shared(command: Command, help: string): Command {
  command.argument('<file>', 'the playbook: a TypeScript or JavaScript module with a playbook as its default export')
  for (const option of [
    ...hostOptions(),
    tagsOption(),
    typeCheckOption(),
    ...connectionOptions(),
    readAheadOption(),
    ...outputOptions(),
  ]) {
    command.addOption(option)
  }
  return command.addHelpText('after', help)
}

async function run(file: string, options: RunOptions, console: Console): Promise<RunFinished> {
  const limit = await resolveLimit(options.limit, console.cwd)
  const loading = loadPlaybook(file)
  // Never rejects, and git takes its time.
  const committed = gitCommit(file)
  const remembered = options.readAhead ? openReadAheadFile(file) : undefined
  const opening = openInventory(options, console, file)
  // Both are waited for: a sandbox that was started has to be closed, whatever became of the playbook.
  const [loaded, inventory] = await Promise.allSettled([loading, opening])
  if (inventory.status === 'rejected') throw loaded.status === 'rejected' ? loaded.reason : inventory.reason
  await using opened = inventory.value
  if (loaded.status === 'rejected') throw loaded.reason
  const commit = await committed
  const readAhead = await remembered
  const report = openReport({ ...options, diff: options.diff ?? false }, console)
  try {
    const notice = (message: string) => report.emit({ type: 'notice', at: Date.now(), level: 'info', message })
    if (opened.notice !== undefined) notice(opened.notice)
    return await openRun(
      {
        playbook: loaded.value,
        file,
        opened,
        connection: options,
        check: options.check ?? false,
        emit: report.emit,
        hold: report.hold,
        ...(options.waitLock === undefined ? {} : { waitLock: options.waitLock }),
        journalOf: (runId) => journalFolder(journalRoot, runId),
        ...(limit === undefined ? {} : { limit }),
        ...(options.tags === undefined ? {} : { tags: options.tags }),
        ...(commit === undefined ? {} : { commit }),
        ...(readAhead === undefined ? {} : { readAhead }),
        ...(options.typeCheck ? { ready: (signal) => checked(file, signal, notice) } : {}),
      },
      console,
    )
  } finally {
    await readAhead?.save()
    await report.close()
  }
}

async function checked(file: string, signal: AbortSignal, notice: (message: string) => void): Promise<void> {
  const result = await typeCheck(file, signal)
  if (result.status === 'skipped') notice(result.reason)
}
