import { readFileSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadInventory } from '../../inventory/load.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

async function script(text: string) {
  const files = await folder({ inventory: text })
  await chmod(join(files.path, 'inventory'), 0o755)
  return files
}

async function fault(text: string, scriptTimeoutMs = 5000): Promise<string> {
  await using files = await script(text)
  const error = await loadInventory(['inventory'], { cwd: files.path, scriptTimeoutMs }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof TsplayError && error.code === 'INVENTORY') return error.message
  throw new Error(`no error of ours: ${String(error)}`)
}

suite('inventory scripts', (test) => {
  test('hosts are asked for one by one only where _meta has no hostvars', async () => {
    const list = (meta: string) => `echo '{"web": ["w1", "w2"]${meta}}'`
    await using asked = await script(
      `#!/bin/sh\necho "$@" >> calls\n[ $1 = --list ] && ${list('')} || echo '{"n": 1}'\n`,
    )
    const found = await loadInventory(['inventory'], { cwd: asked.path })
    assert.equal(found.hosts.get('w2')?.vars, { n: 1 })
    const calls = await readFile(join(asked.path, 'calls'), 'utf8')
    assert.equal(calls.trim().split('\n').toSorted(), ['--host w1', '--host w2', '--list'])
    await using told = await script(`#!/bin/sh\necho "$@" >> calls\n${list(', "_meta": {"hostvars": {}}')}\n`)
    await loadInventory(['inventory'], { cwd: told.path })
    assert.is(await readFile(join(told.path, 'calls'), 'utf8'), '--list\n')
  })

  test('one that fails is told with its code and its own last words', async () => {
    assert.is(
      await fault('#!/bin/sh\necho "no credentials" >&2\nexit 3\n'),
      'inventory --list: the inventory script ended with code 3:\n  no credentials',
    )
    assert.match(await fault('#!/bin/sh\nkill -TERM $$\n'), /ended with SIGTERM/)
  })

  test('one that takes too long is killed with all that it started', async () => {
    await using files = await script('#!/bin/sh\nsleep 60 & echo $! > child\nwait\n')
    const error = await loadInventory(['inventory'], { cwd: files.path, scriptTimeoutMs: 300 }).catch(
      (reason: unknown) => reason,
    )
    assert.match(String(error), /had not ended after 0\.3 s and was killed/)
    const child = Number(await readFile(join(files.path, 'child'), 'utf8'))
    for (let i = 0; i < 50 && alive(child); i++) await sleep(20)
    assert.not(alive(child))
  })

  test('what is no JSON, no mapping or of a wrong shape is refused', async () => {
    const answers: Readonly<Record<string, RegExp>> = {
      '': /must print JSON; it printed nothing/,
      'web1 web2': /must print JSON; it printed this: web1 web2/,
      '[]': /must print a mapping; it printed a list/,
      '{"web": {"hosts": "w1"}}': /web\.hosts: a list of names is expected, not a string/,
      '{"web": {"hosts": [1]}}': /web\.hosts: a list of names is expected, not one with other values/,
      '{"web": {"vars": []}}': /web\.vars: a mapping is expected, not a list/,
      '{"_meta": {"hostvars": []}}': /_meta\.hostvars: a mapping is expected/,
      '{"web": ["w1"], "_meta": {"hostvars": {"w1": 5}}}': /hostvars\.w1: a mapping is expected/,
      '{"a": {"children": ["b"]}, "b": {"children": ["a"]}}': /contains itself: a > b > a/,
    }
    for (const [answer, message] of Object.entries(answers))
      assert.match(await fault(`#!/bin/sh\nprintf '%s' '${answer}'\n`), message)
    assert.match(await fault('#!/bin/sh\nprintf "\\377"\n'), /no UTF-8 text/)
    assert.match(await fault('#!/no/such/interpreter\n'), /the interpreter that its first line names is not here/)
  })
})

/** A process that has ended may wait for its parent to take note. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
