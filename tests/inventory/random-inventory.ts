import type { Random } from '../helpers/random.ts'

/** An inventory of files by name, in a folder of its own. */
export interface RandomInventory {
  readonly files: Readonly<Record<string, string>>
  /** What `-i` names, in that order. */
  readonly sources: readonly string[]
}

const groups = ['web', 'db', 'eu', 'us', 'k8s', 'a_1', 'B2', 'app.old', 'zone-c', 'web2'] as const
const hosts = [
  'w1',
  'w2',
  'w10',
  'db-1',
  'cp1.lan',
  'odd.example.org',
  'fd00::5',
  '10.0.0.1',
  'W1',
  'lone',
  'n[1:3]',
  'n[08:11].lan',
  'r[a:c]-[0:4:2]',
  'e[:2]',
  'p1:2222',
  '[fd00::7]:22',
  'm[1:2].lan:2200',
] as const
const variables = ['x', 'y', 'z', 'list', 'ansible_user'] as const
/** As YAML and as JSON. */
const values = [
  '1',
  '"two"',
  'true',
  'null',
  '[1, "a"]',
  '{"m": 1, "n": {"o": "p"}}',
  '{"m": 2}',
  '0.5',
  '"yes"',
  '""',
] as const
const iniValues = [
  '1',
  'two',
  'True',
  'None',
  '[1,2]',
  '"a b"',
  '\'{"m": 1}\'',
  '0.5',
  'yes',
  '1,2',
  '0644',
  'a#b',
  'c=d',
] as const

const some = <T>(random: Random, of: readonly T[], most: number): T[] => [
  ...new Set(Array.from({ length: of.length === 0 ? 0 : random.below(most + 1) }, () => random.pick(of))),
]

const mapping = (pairs: readonly (readonly [key: string, value: string])[]) =>
  `{${pairs.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`

const varsOf = (random: Random, most = 3) =>
  some(random, variables, most).map((name) => [name, random.pick(values)] as const)

/** Groups may only hold those that come later in the list, so that there is no loop. */
const below = (group: number) => groups.slice(group + 1)

function yamlGroup(random: Random, group: number): string {
  const parts: [string, string][] = []
  const own = some(random, hosts, 4)
  if (own.length > 0)
    parts.push(['hosts', mapping(own.map((host) => [host, random.below(2) === 0 ? 'null' : mapping(varsOf(random))]))])
  const children = some(random, below(group), 2)
  if (children.length > 0)
    parts.push([
      'children',
      mapping(
        children.map((child) => [child, random.below(3) === 0 ? yamlGroup(random, groups.indexOf(child)) : 'null']),
      ),
    ])
  const vars = varsOf(random).map(([name, value]) => [name, value] as const)
  const priority = random.below(4) === 0 ? [['ansible_group_priority', String(random.below(4))] as const] : []
  if (vars.length + priority.length > 0) parts.push(['vars', mapping([...vars, ...priority])])
  return parts.length === 0 ? 'null' : mapping(parts)
}

function yamlSource(random: Random): string {
  const top = some(random, [...groups.keys()], 5).map((i) => [groups[i]!, yamlGroup(random, i)] as const)
  const all = random.below(2) === 0 ? [['all', yamlGroup(random, -1)] as const] : []
  const ungrouped =
    random.below(4) === 0 ? [['ungrouped', mapping([['hosts', mapping([[random.pick(hosts), 'null']])]])] as const] : []
  const lines = [...all, ...top, ...ungrouped].map(([name, value]) => `${name}: ${value}\n`).join('')
  return lines === '' ? 'all: {hosts: {w1: null}}\n' : lines
}

function iniSource(random: Random): string {
  const lines: string[] = []
  const hostLine = () => {
    const host = random.pick(hosts)
    // A line that begins and ends with brackets is no section, and none of a host.
    const vars = some(random, variables, host.startsWith('[') ? 0 : 2).map(
      (name) => `${name}=${random.pick(iniValues)}`,
    )
    lines.push([host, ...vars].join(' ') + random.pick(['', '', ' # note']))
  }
  for (let i = random.below(3); i > 0; i--) hostLine()
  const declared = some(random, [...groups.keys()], 5)
  for (const i of declared) {
    lines.push(`[${groups[i]!}]`)
    for (let n = random.below(4); n > 0; n--) hostLine()
  }
  for (const i of declared) {
    const children = some(
      random,
      below(i).filter((name) => declared.includes(groups.indexOf(name))),
      2,
    )
    if (children.length > 0) lines.push(`[${groups[i]!}:children]`, ...children)
    const vars = some(random, variables, 2).map((name) => `${name} = ${random.pick(iniValues)}`)
    if (random.below(4) === 0) vars.push(`ansible_group_priority=${random.below(4)}`)
    if (vars.length > 0) lines.push(`[${groups[i]!}:vars]`, ...vars)
  }
  return ['# made at random', ...lines, '[tail]', `last-${random.below(3)}`, ''].join('\n')
}

/** Files of `group_vars` and `host_vars`, some for names that no inventory has. */
function varFiles(random: Random, folder: string): [string, string][] {
  const names = [
    ...some(random, ['all', 'ungrouped', ...groups], 4).map((name) => `group_vars/${name}`),
    ...some(random, ['w1', 'n1', 'n08.lan', 'cp1.lan', 'odd.example.org', 'fd00::5', 'p1', 'nobody'], 3).map(
      (name) => `host_vars/${name}`,
    ),
  ]
  return names.flatMap((name): [string, string][] => {
    const text = () => `${mapping(varsOf(random))}\n`
    switch (random.below(4)) {
      case 0:
        return ['10-a.yml', 'b.json', '20.yaml', '.hidden.yml', 'c.txt', 'sub/d.yml', 'plain', 'old.yml~']
          .filter(() => random.below(2) === 0)
          .map((file) => [`${folder}${name}/${file}`, text()])
      case 1:
        return [
          [`${folder}${name}.yml`, text()],
          [`${folder}${name}.yaml`, text()],
        ]
      default:
        return [[`${folder}${name}${random.pick(['', '.yml', '.yaml', '.json'])}`, text()]]
    }
  })
}

const sourceFile = (random: Random): [name: string, text: string] => {
  switch (random.below(4)) {
    case 0:
      return ['hosts.ini', iniSource(random)]
    case 1:
      return ['hosts', random.below(2) === 0 ? iniSource(random) : `---\n${yamlSource(random)}`]
    default:
      return [random.pick(['hosts.yml', 'hosts.yaml', 'hosts.json']), yamlSource(random)]
  }
}

/** An inventory with any of Ansible's rules in it: files, folders of files, variables beside them, several sources. */
export function randomInventory(random: Random): RandomInventory {
  const files: [string, string][] = []
  const sources: string[] = []
  for (let i = random.below(3) === 0 ? 2 : 1; i > 0; i--) {
    const folder = `s${i}/`
    if (random.below(3) === 0) {
      for (const name of ['01-a', '02-b.yml', '10-c.yaml', 'left.ini', 'left.cfg', '.hid.yml', 'zz.json'])
        if (random.below(2) === 0 || name === '02-b.yml')
          files.push([folder + name, name === '01-a' ? iniSource(random) : yamlSource(random)])
      sources.push(folder.slice(0, -1))
    } else {
      const [name, text] = sourceFile(random)
      files.push([folder + name, text])
      sources.push(folder + name)
    }
    if (random.below(2) === 0) files.push(...varFiles(random, folder))
  }
  return { files: Object.fromEntries(files), sources }
}

const names = [
  ...groups,
  'all',
  'ungrouped',
  'w1',
  'n1',
  'n09.lan',
  'ra-2',
  'cp1.lan',
  'fd00::5',
  '10.0.0.1',
  'p1',
  'lone',
  'nobody',
]
const globs = [
  '*',
  'w*',
  '*1',
  'n?',
  '*.lan',
  'w[12]',
  'w[!1]',
  'n0[89].lan',
  '?b',
  'nothing*',
  '*[0-9]',
  'r[ab]-*',
  'B*',
]
const expressions = ['~w.*', '~^(web|db)$', '~.*lan$', '~n[0-9]', '~(?i)W1$', '~r[a-b]-\\d', '~nothing']
const subscripts = ['[0]', '[-1]', '[0:1]', '[1:]', '[:1]', '[-2]', '[2:9]', '[1-2]', '[5]', '[0:0]']

function term(random: Random): string {
  const sign = random.pick(['', '', '', '!', '&'])
  switch (random.below(6)) {
    case 0:
      return sign + random.pick(globs)
    case 1:
      return sign + random.pick(expressions)
    case 2:
      return sign + random.pick([...groups, 'all', 'w*', '*']) + random.pick(subscripts)
    default:
      return sign + random.pick(names)
  }
}

/** A pattern of one to four terms. */
export function randomPattern(random: Random): string {
  const separator = random.pick([',', ':', ',', ', '])
  return Array.from({ length: random.below(4) + 1 }, () => term(random)).join(separator)
}
