import { unreadVars } from '../../../inventory/connection-names.ts'
import type { Inventory } from '../../../inventory/inventory.ts'
import { selectHosts } from '../../../inventory/pattern.ts'
import { resolveSources } from '../../../inventory/secrets/resolve-sources.ts'
import { mayBeUnusable } from '../../../inventory/secrets/unusable.ts'
import { unusablePaths } from '../../../inventory/schema-check.ts'
import { checkPlayVars } from '../../engine/play/vars.ts'
import { TsplayError } from '../../model/errors.ts'
import type { PlaybookDefinition } from '../../model/playbook.ts'
import { Secret } from '../../model/secret.ts'
import { safeLine } from '../../report/terminal-safe.ts'
import type { Console } from '../console.ts'
import { targetOf } from '../target-of.ts'

export interface InventoryCheck {
  /** For people, safe to print. */
  readonly lines: readonly string[]
  readonly fine: boolean
}

/**
 * Checks what a run would check before it connects: how each host is reached, and the patterns and variables of a
 * playbook. What a run would not stop at is told too: variables for Ansible's connections that nothing here reads, and
 * values that need Ansible to be worked out.
 */
export async function checkInventory(
  given: Inventory,
  loading: Promise<PlaybookDefinition> | undefined,
  { cwd }: Console,
): Promise<InventoryCheck> {
  // That something is asked for at a run is all that can be known of it here.
  const inventory = await resolveSources(given, given.hosts.keys(), async () => new Secret(''))
  const problems = new Set<string>()
  const attempt = async (act: () => unknown) => {
    try {
      await act()
    } catch (error) {
      // One error may tell of many variables, a paragraph each.
      for (const paragraph of problemText(error).split('\n\n')) problems.add(paragraph)
    }
  }
  for (const text of connectionProblems(inventory, cwd)) problems.add(text)
  const playbook = await loading
  if (playbook !== undefined) {
    const selected = new Map<string, readonly string[]>()
    for (const play of playbook.plays) {
      await attempt(() => {
        try {
          const hosts = selectHosts(inventory, play.hosts)
          selected.set(play.hosts, hosts)
          if (hosts.length === 0)
            throw new TsplayError('INVENTORY', `no host matches "${play.hosts}", which the play "${play.name}" wants`)
        } catch (error) {
          if (error instanceof TsplayError) error.at ??= play.at
          throw error
        }
      })
    }
    if (problems.size === 0)
      await attempt(() => checkPlayVars(playbook, inventory, (pattern) => selected.get(pattern) ?? []))
  }
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
  const summary = `${inventory.source}: ${count(inventory.hosts.size, 'host')} in ${count(inventory.groups.size, 'group')}`
  const verdict = problems.size === 0 ? 'nothing is wrong' : count(problems.size, 'problem')
  return {
    lines: [
      ...[...problems].flatMap((text) => [...text.split('\n'), '']),
      ...notices(inventory),
      `${summary}: ${verdict}`,
    ].map(safeLine),
    fine: problems.size === 0,
  }
}

/** An error of ours in lines; any other is thrown again. */
function problemText(error: unknown): string {
  if (!(error instanceof TsplayError)) throw error
  const { at, message, hint } = error
  return [...(at === undefined ? [] : [at]), message, ...(hint === undefined ? [] : [`  ${hint}`])].join('\n')
}

/** What is wrong with how hosts are reached; the same fault at the same place is told once, with the hosts that have it. */
function connectionProblems(inventory: Inventory, cwd: string): string[] {
  const found = new Map<string, { readonly text: string; readonly hosts: string[] }>()
  for (const host of inventory.hosts.keys()) {
    try {
      targetOf(inventory, host, {}, cwd)
    } catch (error) {
      const text = problemText(error)
      const alike = text.replace(` of ${host}: `, ' of one: ')
      const known = found.get(alike)
      if (known) known.hosts.push(host)
      else found.set(alike, { text, hosts: [host] })
    }
  }
  return [...found.values()].map(({ text, hosts }) =>
    text.replace(` of ${hosts[0]}: `, () => ` of ${someHosts(hosts)}: `),
  )
}

const someHosts = (names: readonly string[]) =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`

function notices({ hosts }: Inventory): string[] {
  const unread = new Map<string, string[]>()
  const unusable = new Map<string, string[]>()
  const add = (to: Map<string, string[]>, name: string, host: string) => {
    const known = to.get(name)
    if (known) known.push(host)
    else to.set(name, [host])
  }
  for (const host of hosts.values()) {
    for (const name of unreadVars(host)) add(unread, name, host.name)
    for (const name of host.origins.namesWhere(mayBeUnusable))
      if (unusablePaths(host.vars[name]).length > 0) add(unusable, name, host.name)
  }
  return [
    ...[...unread].map(([name, names]) => `note: ${name} of ${someHosts(names)} has no meaning here`),
    ...[...unusable].map(
      ([name, names]) =>
        `note: ${name} of ${someHosts(names)} is a Jinja expression or encrypted: no playbook can read it`,
    ),
  ]
}
