import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { commandLine } from './command-line.ts'

suite('tsplay inventory schema', (test) => {
  test('prints the schema that comes with the package', async () => {
    const ended = await commandLine(['inventory', 'schema'], process.cwd())
    assert.is(ended.code, 0, ended.stderr)
    const shipped = fileURLToPath(new URL('../../schemas/inventory.json', import.meta.url))
    assert.equal(JSON.parse(ended.stdout), JSON.parse(await readFile(shipped, 'utf8')))
  })

  test('holds the variables of a playbook, none of them required', async () => {
    await using made = await temporaryFolder()
    const json = { type: 'object', required: ['http_port'], properties: { http_port: { type: 'integer' } } }
    const source = `import { playbook } from 'tsplay'
const vars = { '~standard': { version: 1, vendor: 'demo', validate: (value) => ({ value }), jsonSchema: { input: () => (${JSON.stringify(json)}) } } }
const site = playbook('site', { vars })
export default site
`
    const file = await made.write('site.mjs', source)
    const ended = await commandLine(['inventory', 'schema', file, '--output', 'x.json'], made.path)
    assert.is(ended.code, 0, ended.stderr)
    const written = JSON.parse(await readFile(join(made.path, 'x.json'), 'utf8')) as {
      $defs: { vars: { properties: Record<string, unknown>; required?: unknown } }
    }
    assert.equal(written.$defs.vars.properties['http_port'], { type: 'integer' })
    assert.is(written.$defs.vars.required, undefined)
    const without = await made.write('other.mjs', source.replace(/, jsonSchema: .* \} \}/, ' } }'))
    const refused = await commandLine(['inventory', 'schema', without], made.path)
    assert.is(refused.code, 2)
    assert.match(refused.stderr, /a schema by demo does not offer JSON Schema/)
  })
})
