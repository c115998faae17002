import { Command } from 'commander'
import { playbook, type PlaybookDefinition } from '../../model/playbook.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import { type AdHocOptions, runAdHoc } from '../ad-hoc.ts'
import type { Console } from '../console.ts'
import { exitCodeOfRun, exitCodesHelp } from '../exit-code.ts'
import { connectionOptions, hostOptions, outputOptions } from '../options.ts'
import { definition } from './exec.ts'

const help = `
Examples:
  tsplay ping
  tsplay ping web -i hosts.yaml -f 200
${exitCodesHelp}`

/** `tsplay ping [PATTERN]`: whether hosts can be logged in to and run a shell. */
export function pingCommand(console: Console): Command {
  const command = new Command('ping')
    .summary('see which hosts can be reached')
    .description('Logs in to hosts, runs a shell there, and shows how long connecting and one round trip took.')
    .argument('[pattern]', 'hosts', 'all')
  for (const option of [...hostOptions(), ...connectionOptions(), ...outputOptions()]) command.addOption(option)
  return command.addHelpText('after', help).action(async (pattern: string, options: AdHocOptions) => {
    const times = new Map<string, number>()
    const connected = new Map<string, { readonly ms: number; readonly description: string }>()
    const finished = await runAdHoc(pingPlaybook(pattern, times), options, console, {
      onEvent(event, lines) {
        if (event.type === 'host-connected') {
          connected.set(event.host, { ms: event.durationMs, description: event.description })
        } else if (event.type === 'host-finished' && event.status === 'ok') {
          const { ms = 0, description = '' } = connected.get(event.host) ?? {}
          const trip = (times.get(event.host) ?? 0).toFixed(1)
          lines.write(
            `${lines.bold(event.host)}  connected in ${ms} ms, round trip ${trip} ms  ${lines.dim(safeLine(description))}`,
          )
        }
      },
    })
    console.exitWith(exitCodeOfRun(finished.status))
  })
}

function pingPlaybook(pattern: string, times: Map<string, number>): PlaybookDefinition {
  const adHoc = playbook('ping')
  adHoc.play('ping', { hosts: pattern }, async (host) => {
    // The first opens the session; only the second is one round trip.
    await host.read`:`
    const started = performance.now()
    await host.read`:`
    times.set(host.name, performance.now() - started)
  })
  return definition(adHoc)
}
