import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { skip } from '../helpers/suite.ts'

const run = promisify(execFile)

/** Skips the test where Ansible is not here to be compared with. */
export function needAnsible(): void {
  if (spawnSync('ansible-inventory', ['--version'], { stdio: 'ignore' }).status !== 0)
    skip('ansible-inventory is not installed: there is nothing to compare with')
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

/** Variables that Ansible itself adds to every host. */
const magic =
  /^(?:inventory_|group_names$|groups$|omit$|playbook_dir$|ansible_(?:playbook_python|version|check_mode|diff_mode|forks|facts|config_file|verbosity|run_tags|skip_tags|limit|inventory_sources)$)/

/** Variables without those that Ansible itself adds. */
export const ownVars = (vars: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(vars).filter(([name]) => !magic.test(name)))

/** Asks Ansible's own code, in one process, about inventories and patterns over each. */
export async function askAnsible(
  cases: readonly (readonly [sources: readonly string[], patterns: readonly string[]])[],
): Promise<AnsibleAnswer[]> {
  const asked = run('/usr/bin/python3', ['-c', python], {
    maxBuffer: 1 << 26,
    env: { ...process.env, ANSIBLE_DEVEL_WARNING: 'no' },
  })
  asked.child.stdin?.end(JSON.stringify(cases))
  return JSON.parse((await asked).stdout) as AnsibleAnswer[]
}

const lister = `
import io, json, os, sys
from ansible.cli.inventory import InventoryCLI
from ansible.utils.display import Display
answers = []
for cwd, args in json.load(sys.stdin):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.chdir(cwd)
        os.dup2(write, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        code = 1
        try:
            InventoryCLI(['ansible-inventory', *args]).run()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            pass
        sys.stdout.flush()
        os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    answers.append(text if status == 0 else None)
print(json.dumps(answers))
`

/** What `ansible-inventory` prints for arguments, in a folder each; null where it fails. One process starts them all. */
export async function runAnsibleInventory(
  cases: readonly (readonly [cwd: string, args: readonly string[]])[],
): Promise<(string | null)[]> {
  const asked = run('/usr/bin/python3', ['-c', lister], {
    maxBuffer: 1 << 26,
    env: { ...process.env, ANSIBLE_DEVEL_WARNING: 'no', ANSIBLE_NOCOLOR: '1' },
  })
  asked.child.stdin?.end(JSON.stringify(cases))
  return JSON.parse((await asked).stdout) as (string | null)[]
}
