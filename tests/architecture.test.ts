import { readdir, readFile } from 'node:fs/promises'
import { assert, suite } from './helpers/suite.ts'
import { type Import, cycles, importsOf } from './harness/imports.ts'

/** What each part may import of ours: path prefixes. The longest prefix of a file's own path decides. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  // Secrets are its own business: it opens what is encrypted, and a decrypted value may not exist as plain text.
  // Which options ssh has it shares with what gives them to ssh.
  'inventory/': [
    'inventory/',
    'runner/model/errors.ts',
    'runner/model/secret.ts',
    'runner/model/yaml-documents.ts',
    'runner/transport/ssh/config/keywords.ts',
  ],
  'runner/model/': ['runner/model/'],
  'runner/transport/': ['runner/transport/', 'runner/model/'],
  // A session speaks over any connection: it may not know of the ways to make one.
  'runner/session/': [
    'runner/session/',
    'runner/transport/connection.ts',
    'runner/transport/target.ts',
    'runner/model/',
  ],
  'runner/engine/': [
    'runner/engine/',
    'runner/session/',
    'runner/transport/connection.ts',
    'runner/transport/target.ts',
    'runner/model/',
    'inventory/',
  ],
  'runner/report/': ['runner/report/', 'runner/engine/events.ts', 'runner/model/'],
  'runner/cli/': [''],
  // The package's entry points, and what they hand out.
  'runner/': ['runner/', 'inventory/'],
  'tasks/': ['tasks/', 'runner/model/'],
  'playbooks/': ['playbooks/', 'tasks/', 'runner/index.ts'],
}

/** Who may import a package: each has one folder, so that it can be replaced in one place. */
const owners: Readonly<Record<string, readonly string[]>> = {
  ssh2: ['runner/transport/'],
  zx: ['runner/transport/'],
  chalk: ['runner/report/'],
  listr2: ['runner/report/'],
  'fast-string-width': ['runner/report/'],
  diff: ['runner/report/'],
  'js-yaml': ['inventory/'],
  'age-encryption': ['inventory/secrets/age/', 'runner/cli/secrets/'],
  '@noble/curves': ['inventory/secrets/age/'],
  yaml: ['inventory/', 'runner/model/yaml-documents.ts', 'tasks/kubernetes/', 'tasks/files/values/'],
  'jsonc-parser': ['tasks/files/values/'],
  '@decimalturn/toml-patch': ['tasks/files/values/'],
  commander: ['runner/cli/'],
  esbuild: ['runner/cli/'],
  eta: ['tasks/files/'],
  picomatch: ['tasks/files/'],
  'tar-stream': ['runner/session/'],
  'smol-toml': ['tasks/kubernetes/'],
  'ipaddr.js': ['tasks/kubernetes/', 'tasks/system/firewall/'],
  // Gates are wanted wherever work is started.
  'p-limit': ['runner/'],
  // Types alone: how the schemas of other libraries are spoken to.
  '@standard-schema/spec': ['runner/', 'inventory/', 'tasks/'],
  tsplay: ['playbooks/'],
  valibot: ['playbooks/'],
}

const ruleOf = (file: string) =>
  Object.entries(mayImport)
    .filter(([part]) => file.startsWith(part))
    .toSorted(([a], [b]) => b.length - a.length)[0]

function wrongArrow({ file, target }: Import): boolean {
  const [part, allowed] = ruleOf(file) ?? []
  if (part === 'runner/' && !/^runner\/[^/]+\.ts$/.test(file)) return true
  return !(allowed ?? []).some((prefix) => target.startsWith(prefix))
}

const nameOf = (target: string) =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')

const wrongOwner = ({ file, target }: Import) =>
  !(owners[nameOf(target)] ?? []).some((folder) => file.startsWith(folder))

const shown = ({ file, line, target }: Import) => `${file}:${line} imports ${target}`

const violations = (imports: readonly Import[]) =>
  imports.filter((it) => (it.of === 'us' ? wrongArrow(it) : it.of === 'package' && wrongOwner(it))).map(shown)

async function sources(...folders: readonly string[]): Promise<{ file: string; text: string }[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder, { recursive: true }).catch(() => [])
      return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`)
    }),
  )
  return Promise.all(found.flat().map(async (file) => ({ file, text: await readFile(file, 'utf8') })))
}

const allImports = async (...folders: readonly string[]) =>
  (await sources(...folders)).flatMap(({ file, text }) => importsOf(file, text))

suite('architecture', (test) => {
  test('arrows between the parts point one way, and each npm package has one owner', async () => {
    const imports = await allImports('inventory', 'runner', 'tasks', 'playbooks')
    assert.ok(imports.length > 400)
    assert.equal(violations(imports), [])
  })
  test('no file imports itself by way of others, types left out', async () => {
    assert.equal(cycles(await allImports('inventory', 'runner', 'tasks', 'playbooks')), [])
  })
  test('tests reach uvu through the suite that cannot pass unseen', async () => {
    const imports = await allImports('tests', 'bench')
    const users = imports.filter(({ target }) => nameOf(target) === 'uvu').map(({ file }) => file)
    assert.equal([...new Set(users)], ['tests/helpers/suite.ts'])
  })
  test('no file is longer than 300 lines', async () => {
    const all = await sources('inventory', 'runner', 'tasks', 'playbooks', 'tests', 'bench')
    const long = all.map(({ file, text }) => `${file}: ${text.split('\n').length - 1}`)
    assert.equal(
      long.filter((it) => Number(it.split(': ')[1]) > 300),
      [],
    )
  })
  test('these rules see what breaks them', () => {
    const found = (file: string, text: string) => violations(importsOf(file, text))
    assert.equal(found('tasks/system/x.ts', `import ssh2 from 'ssh2'`), ['tasks/system/x.ts:1 imports ssh2'])
    assert.equal(found('runner/model/x.ts', `\nimport {\n  a,\n} from '../engine/run.ts'`), [
      'runner/model/x.ts:2 imports runner/engine/run.ts',
    ])
    assert.equal(found('tasks/x.ts', `const a = () => import('../runner/session/open.ts')`).length, 1)
    assert.equal(found('runner/session/x.ts', `export { a } from '../transport/ssh/dialer.ts'`).length, 1)
    assert.equal(found('runner/report/x.ts', `import type { Run } from '../engine/run.ts'`).length, 1)
    assert.equal(found('inventory/x.ts', `import 'unheard-of'`).length, 1)
    assert.equal(
      found('runner/report/x.ts', `import chalk from 'chalk'\nimport type { Event } from '../engine/events.ts'`),
      [],
    )
    const ring = [
      ...importsOf('a/a.ts', `import { b } from './b.ts'`),
      ...importsOf('a/b.ts', `import { c } from './c.ts'`),
    ]
    const last = (text: string) => cycles([...ring, ...importsOf('a/c.ts', text)])
    assert.equal(last(`import { a } from './a.ts'`), ['a/a.ts -> a/b.ts -> a/c.ts -> a/a.ts'])
    assert.equal(last(`import { type A } from './a.ts'`), [])
  })
})
