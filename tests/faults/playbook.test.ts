import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import type { TsplayEnd } from '../helpers/tsplay.ts'
import { firstLine, type Here, here } from './here.ts'

/** Asserts how a command line ended: its code, what it says, and what it must not say. */
function ended({ code, stdout, stderr }: TsplayEnd, wanted: number, ...texts: readonly (string | RegExp)[]): void {
  const text = stdout + stderr
  assert.is(code, wanted, text)
  for (const part of texts) assert.match(text, part)
  // A mistake of the user's is no bug of ours: it is told without a stack.
  assert.not.match(text, /^\s+at .*\/runner\//m)
}

/** Names of what the playbook's hosts got. */
const made = async ({ folder }: Here) =>
  (await readdir(folder.path)).filter((name) => name.startsWith('made-')).toSorted()

const makes = `await host.ensure(file({ path: folder + '/made-' + host.name, content: 'x' }))`

suite(
  'a wrong playbook or inventory',
  (test) => {
    test('an unknown group is refused with the line of its play, and the group that is meant', async () => {
      await using at = await here()
      const end = await at.run(`site.play('One', { hosts: 'wbe' }, async (host) => { ${makes} })`)
      ended(end, 2, 'no group or host "wbe"', `site.ts:${firstLine}:6`, 'Did you mean "web"')
      assert.equal(await made(at), [])
    })
    test('a misspelt option is refused with file and line before the first change', async () => {
      await using at = await here()
      const end = await at.run(`site.play('One', { hosts: 'web' }, async (host) => {
  ${makes}
  await host.ensure(file({ path: folder + '/b', contnet: 'x' }))
})`)
      ended(end, 2, new RegExp(`site\\.ts:${firstLine + 2}:\\d+`), 'contnet')
      assert.equal(await made(at), [])
    })
    test('a variable of a wrong type is refused with its place in the inventory, before any connection', async () => {
      await using at = await here()
      const end = await at.run(
        `site.play('One', { hosts: 'web', vars: v.object({ answer: v.string() }) }, async (host) => { ${makes} })`,
      )
      ended(end, 2, 'answer', /hosts\.yaml:2:\d+/, /string/)
      assert.equal(await made(at), [])
    })
    test('a YAML syntax error is shown with line, column and caret', async () => {
      await using at = await here({ 'broken.yaml': 'all:\n  hosts:\n    web1: { ansible_connection: local\n' })
      const end = await at.run(`site.play('One', { hosts: 'all' }, async () => {})`, '-i', 'broken.yaml')
      ended(end, 2, /broken\.yaml:\d+:\d+/, /^.*\^/m)
    })
    test('a pattern that matches no host is told, and the other plays run', async () => {
      await using at = await here()
      const end = await at.run(`site.play('None', { hosts: 'web:!web' }, async () => {})
site.play('One', { hosts: 'web' }, async (host) => { ${makes} })`)
      ended(end, 0, /None.*no host matches web:!web/s)
      assert.equal(await made(at), ['made-web1', 'made-web2', 'made-web3'])
    })
    test('an empty pattern is refused', async () => {
      await using at = await here()
      const end = await at.run(`site.play('None', { hosts: '' }, async () => {})`)
      ended(end, 2, /pattern/, `site.ts:${firstLine}:6`)
    })
    test('a limit that leaves no host is refused', async () => {
      await using at = await here()
      const end = await at.run(`site.play('One', { hosts: 'web1' }, async () => {})`, '--limit', 'web2')
      ended(end, 2, '--limit web2 leaves no host of this playbook', 'web1')
    })
    test('missing files are told by their names: playbook, inventory, template', async () => {
      await using at = await here()
      const inventory = await at.run(`site.play('One', { hosts: 'web' }, async () => {})`, '-i', 'host.yaml')
      ended(inventory, 2, 'host.yaml', 'hosts.yaml')
      const source = await at.run(
        `site.play('One', { hosts: 'web' }, async (host) => {
  if (host.name === 'web2') await host.ensure(file({ path: folder + '/t', source: 'no-such-file' }))
  ${makes}
})`,
      )
      ended(source, 1, 'no-such-file', `site.ts:${firstLine + 1}`, /FAILED web2/)
      assert.equal(await made(at), ['made-web1', 'made-web3'])
    })
    test('a playbook that throws while it is loaded is told with the line', async () => {
      await using at = await here()
      const end = await at.run(`throw new Error('out of cheese')`, '--no-type-check')
      ended(end, 2, 'out of cheese', `site.ts:${firstLine}`)
    })
    test('a file without a playbook as default export is told as that', async () => {
      await using at = await here({ 'other.ts': 'export const site = 1\n' })
      await using other = await here({ 'site.ts': 'export default { name: "x" }\n' })
      const { tsplay } = await import('../helpers/tsplay.ts')
      const none = await tsplay(['run', 'other.ts'], { cwd: at.folder.path, home: at.folder.path })
      ended(none, 2, 'other.ts', /default export/)
      const wrong = await tsplay(['run', 'site.ts'], { cwd: other.folder.path, home: other.folder.path })
      ended(wrong, 2, 'site.ts', /playbook/)
    })
    test('an ensure that is not awaited fails its host with its line, and the others finish', async () => {
      await using at = await here()
      const end = await at.run(`site.play('One', { hosts: 'web' }, async (host) => {
  if (host.name === 'web2') void host.ensure(file({ path: folder + '/never', content: 'x' }))
  else ${makes}
})`)
      ended(end, 1, 'FAILED web2', 'host.ensure was not awaited', `site.ts:${firstLine + 1}`, 'Put `await` before it')
      assert.equal(await made(at), ['made-web1', 'made-web3'])
    })
    test('a rejection that nobody handles fails its host alone', async () => {
      await using at = await here()
      const end = await at.run(`site.play('One', { hosts: 'web' }, async (host) => {
  if (host.name === 'web2') void Promise.reject(new Error('lost in space'))
  ${makes}
})`)
      ended({ ...end, stdout: end.stdout.replaceAll(/^\s+at .*$/gm, '') }, 1, /FAILED web2/, 'lost in space')
      assert.ok((await made(at)).includes('made-web1'))
      assert.ok((await made(at)).includes('made-web3'))
    })
    test('a result that is not plain data is refused, and named', async () => {
      await using at = await here()
      const end = await at.run(
        `site.play('One', { hosts: 'web' }, async (host) => { ${makes}; return { when: { at: new Map() } } })`,
        '--no-type-check',
      )
      ended(end, 1, /FAILED .*web1/, 'plain', 'when.at')
    })
    test('[0] of a failed host does not slide to another, and what needs it is skipped with the reason', async () => {
      await using at = await here()
      const end = await at.run(`site.play('Before', { hosts: 'web' }, async (host) => {
  if (host.name === 'web1') throw new Error('broken')
})
const init = site.play('Init', { hosts: 'web[0]' }, async (host) => { ${makes}; return host.name })
site.play('Join', { hosts: 'web[1:]', needs: { init } }, async (host) => { ${makes} })`)
      ended(
        { ...end, stdout: end.stdout.replaceAll(/^\s+at .*$/gm, '') },
        1,
        'broken',
        /Init.*failed before/,
        /Join.*needs "Init", which has no result/,
      )
      assert.equal(await made(at), [])
    })
    test('needs outside the limit are only read there, and stop the run where they are not converged', async () => {
      await using at = await here()
      const plays = `const init = site.play('Init', { hosts: 'web[0]' }, async (host) => { ${makes}; return 'token' })
site.play('Join', { hosts: 'web2', needs: { init } }, async (host, given) => {
  await host.ensure(file({ path: folder + '/made-' + host.name, content: given.init }))
})`
      const stopped = await at.run(plays, '--limit', 'web2')
      ended(stopped, 1, 'web1', 'not as "Init" wants it, and outside --limit')
      assert.equal(await made(at), [])
      ended(await at.run(plays, '--limit', 'web1'), 0)
      ended(await at.run(plays, '--limit', 'web2'), 0)
      assert.equal(await made(at), ['made-web1', 'made-web2'])
      assert.is(await readFile(join(at.folder.path, 'made-web2'), 'utf8'), 'token')
    })
  },
  60_000,
)
