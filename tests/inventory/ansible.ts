import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whether Ansible is here to be compared with; says so aloud where it is not. */
export function hasAnsible(): boolean {
  const found = spawnSync('ansible-inventory', ['--version'], { stdio: 'ignore' }).status === 0
  if (!found) console.warn('  skipped: ansible-inventory is not installed, nothing to compare with')
  return found
}

const python = `
import json, sys
from ansible.parsing.dataloader import DataLoader
from ansible.inventory.manager import InventoryManager
from ansible.vars.manager import VariableManager
from ansible.errors import AnsibleError
loader = DataLoader()
answers = []
for sources, patterns in json.load(sys.stdin):
    inventory = InventoryManager(loader=loader, sources=sources)
    variables = VariableManager(loader=loader, inventory=inventory)
    hosts = {h.name: variables.get_vars(host=h, include_hostvars=False, stage='all') for h in inventory.get_hosts()}
    groups = {name: [h.name for h in g.get_hosts()] for name, g in inventory.groups.items()}
    selected = []
    for pattern in patterns:
        try:
            selected.append([h.name for h in inventory.get_hosts(pattern)])
        except AnsibleError as error:
            selected.append(None)
    answers.append({'hosts': hosts, 'groups': groups, 'selected': selected})
print(json.dumps(answers, default=str))
`

/** What Ansible makes of an inventory. */
export interface AnsibleAnswer {
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Per pattern; null where Ansible refuses it. */
  readonly selected: readonly (readonly string[] | null)[]
}

/** Asks Ansible's own code, in one process, about inventories and patterns over each. */
export async function askAnsible(
  cases: readonly (readonly [sources: string[], patterns: string[]])[],
): Promise<AnsibleAnswer[]> {
  const asked = run('/usr/bin/python3', ['-c', python], {
    maxBuffer: 1 << 26,
    env: { ...process.env, ANSIBLE_DEVEL_WARNING: 'no' },
  })
  asked.child.stdin?.end(JSON.stringify(cases))
  return JSON.parse((await asked).stdout) as AnsibleAnswer[]
}
