import { Command, Option } from 'commander'
import { readExtraVars } from '../../../inventory/extra-vars.ts'
import { near } from '../../../inventory/near.ts'
import { journalFolder } from '../../report/journal.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Host } from '../../model/host.ts'
import { playbook, type PlaybookDefinition } from '../../model/playbook.ts'
import { taskInfo } from '../../model/task.ts'
import { noVars } from '../ad-hoc.ts'
import type { Console } from '../console.ts'
import { exitCodeOfRun, exitCodesHelp } from '../exit-code.ts'
import { resolveLimit } from '../limit.ts'
import { loadModule } from '../load-module.ts'
import { openInventory } from '../open-inventory.ts'
import { journalRoot, openReport } from '../open-report.ts'
import { idleOptions } from '../idle-options.ts'
import { openRun } from '../open-run.ts'
import {
  checkOption,
  type ConnectionOptions,
  connectionOptions,
  diffOption,
  type HostOptions,
  hostOptions,
  type OutputOptions,
  outputOptions,
} from '../options.ts'
import { isConnectionVar } from '../../../inventory/connection-names.ts'
import { definition } from './exec.ts'

interface TaskCommandOptions extends HostOptions, ConnectionOptions, OutputOptions {
  readonly from?: string
  readonly hosts: string
  readonly become?: boolean | string
  readonly check?: boolean
  readonly diff?: boolean
}

const help = `
Examples:
  tsplay task deploy version=1.4 --from tasks.ts --hosts web --check --diff
  tsplay task deploy @release.yaml --from tasks.ts --hosts 'web:!web3' --become

Values are read as YAML: replicas=3 is a number, ports=[80,443] a list.
Only a task with a schema is run: nothing else checks what is typed here. task('deploy', body, { schema }) gives it one.
${exitCodesHelp}`

/** `tsplay task NAME key=value`. */
export function taskCommand(console: Console): Command {
  const command = new Command('task')
    .summary('run one task on hosts')
    .description(
      'Runs one task of a module on every host that the pattern selects, with options from the command line.',
    )
    .argument('<name>', 'its name, as task() or its export has it')
    .argument('[options...]', 'its options: key=value, or @file.yaml')
    .addOption(new Option('--from <file>', 'the module that exports it; without it, the tasks that come with tsplay'))
    .addOption(
      new Option('--hosts <pattern>', "hosts: 'web', 'web:!web3', 'db[0]'").default('all').helpGroup('Which hosts:'),
    )
    .addOption(new Option('-b, --become [user]', 'as root, or as the named user').helpGroup('What is done:'))
    .addOption(checkOption())
    .addOption(diffOption())
  for (const option of [...hostOptions(), ...connectionOptions(), ...outputOptions()]) command.addOption(option)
  return command
    .addHelpText('after', help)
    .action(async (name: string, words: readonly string[], options: TaskCommandOptions) => {
      const given = await readExtraVars(words, console.cwd, {}, '')
      const task = findTask(name, options.from, await exportsOf(options.from))
      await task.check(given)
      const limit = await resolveLimit(options.limit, console.cwd)
      await using opened = await openInventory(options, console)
      const report = openReport({ ...options, diff: options.diff ?? false }, console)
      try {
        const finished = await openRun(
          {
            playbook: taskPlaybook(task, given, options),
            file: options.from ?? `task ${name}`,
            opened,
            connection: options,
            check: options.check ?? false,
            wantsSecret: isConnectionVar,
            emit: report.emit,
            hold: report.hold,
            journalOf: (runId) => journalFolder(journalRoot, runId),
            ...(limit === undefined ? {} : { limit }),
          },
          console,
        )
        console.exitWith(exitCodeOfRun(finished.status))
      } finally {
        await report.close()
      }
    })
}

interface NamedTask {
  readonly name: string
  readonly call: (host: Host, options: unknown) => Promise<unknown>
  /** Throws TsplayError USAGE for options that the schema refuses. */
  check(options: unknown): Promise<void>
}

const exportsOf = async (file: string | undefined): Promise<Readonly<Record<string, unknown>>> =>
  file === undefined ? ((await import('../../../tasks/index.ts')) as Record<string, unknown>) : loadModule(file)

function findTask(name: string, file: string | undefined, exports: Readonly<Record<string, unknown>>): NamedTask {
  const tasks = Object.entries(exports).flatMap(([exported, call]) => {
    const info = taskInfo(call)
    return info ? [{ exported, info, call: call as NamedTask['call'] }] : []
  })
  const where = file ?? 'what comes with tsplay'
  const found = tasks.find(({ info, exported }) => info.name === name || exported === name)
  if (!found) {
    const names = tasks.map(({ info }) => info.name)
    const likely = near(name, names)
    const other = Object.hasOwn(exports, name)
      ? `"${name}" in ${where} is no task`
      : `there is no task "${name}" in ${where}`
    const hint =
      likely.length > 0 ? `Did you mean ${likely.join(' or ')}?` : `Tasks there: ${names.join(', ') || 'none'}.`
    throw new TsplayError('USAGE', other, { hint: file === undefined ? `${hint} One of your own: --from FILE` : hint })
  }
  const { schema } = found.info
  if (!schema) {
    throw new TsplayError(
      'USAGE',
      `the task "${found.info.name}" has no schema: nothing could check what is typed here`,
      {
        hint: 'Call it from a playbook, where types check its options, or give it a schema: task(name, body, { schema })',
      },
    )
  }
  return {
    name: found.info.name,
    call: found.call,
    async check(options) {
      const { issues } = await schema['~standard'].validate(options)
      if (!issues) return refuseIdle(found.info.name, await idleOptions(schema, options))
      const lines = issues.map(({ message, path = [] }) =>
        [path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'), message]
          .filter((text) => text !== '')
          .join(': '),
      )
      throw new TsplayError('USAGE', `${found.info.name}: ${lines.join('; ')}`)
    },
  }
}

function refuseIdle(task: string, names: readonly string[]): void {
  if (names.length === 0) return
  throw new TsplayError('USAGE', `${task}: there is no option ${names.join(', ')}`, {
    hint: 'The schema of the task does not know it: see where the task is declared.',
  })
}

function taskPlaybook(task: NamedTask, given: unknown, options: TaskCommandOptions): PlaybookDefinition {
  const made = playbook(`task ${task.name}`)
  made.play(task.name, { hosts: options.hosts, become: options.become ?? false }, async (host) => {
    await task.call(host, given)
  })
  return { ...definition(made), vars: noVars }
}
