import { loadInventory } from '../../inventory/load.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

async function fault(text: string, name = 'hosts'): Promise<TsplayError> {
  await using files = await folder({ [name]: text })
  const error = await loadInventory([name], { cwd: files.path }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof TsplayError && error.code === 'INVENTORY') return error
  throw new Error(`no error of ours: ${String(error)}`)
}

suite('INI inventories', (test) => {
  test('values are Python literals where they can be, and text elsewhere', async () => {
    await using files = await folder({
      hosts:
        'h a=1 b=yes c=True d="[1, \'x\']" e=80,443 f=0644 g=10.0.0.1 # comment\n[all:vars]\ni=5 # five\nj=x # y\n',
    })
    const host = (await loadInventory(['hosts'], { cwd: files.path })).hosts.get('h')
    assert.equal(host?.vars, {
      i: 5,
      j: 'x # y',
      a: 1,
      b: 'yes',
      c: true,
      d: [1, 'x'],
      e: [80, 443],
      f: '0644',
      g: '10.0.0.1',
    })
    assert.equal(host?.origins.get('b'), { file: 'hosts', line: 1, column: 7 })
    assert.equal(host?.origins.get('j'), { file: 'hosts', line: 4, column: 1 })
  })

  test('faults point at their place', async () => {
    const texts: Readonly<Record<string, readonly [text: string, message: string]>> = {
      'a section of an unknown kind': [
        '[web:var]\n',
        'hosts:1:1: a section of kind "var" is not known. Did you mean "vars"?',
      ],
      'a section with a space': ['[web servers]\n', 'hosts:1:1: this is no section: [web servers]'],
      'a word that is no variable': ['web1 web2\n', 'hosts:1:6: key=value is expected after a host, not web2'],
      'an open quote': ['web1 a="x\n', 'hosts:1:8: this quote is never closed'],
      'a variable without equals': ['[a]\n[a:vars]\nx: 1\n', 'hosts:3:1: key=value is expected, not x: 1'],
      'an undeclared child': [
        '[a:children]\nwbe\n[web]\n',
        'hosts:2:1: the group "wbe" is declared nowhere. Did you mean "web"?',
      ],
      'variables of nobody': [
        '[web]\n[wbe:vars]\nx=1\n',
        'hosts:2:1: variables of "wbe", which is declared nowhere. Did you mean "web"?',
      ],
      'a loop': ['[a:children]\nb\n[b:children]\na\n', 'hosts:4:1: the group contains itself: a > b > a'],
      'a port without a number': ['[x]\nweb1:\n', 'hosts:2:1: "web1:" ends in a colon, which begins a port'],
      'a range backwards': ['web[3:1]\n', 'hosts:1:1: the range [3:1] ends before it begins'],
      'a number too large': ['h id=12345678901234567890\n', 'hosts:1:3: this number is too large to be kept exactly'],
      'a set': ["h x='{1, 2}'\n", 'hosts:1:3: this is a set in Python, which has no order'],
      'a priority that is none': [
        '[a]\n[a:vars]\nansible_group_priority=high\n',
        'hosts:3:1: ansible_group_priority must be a whole number',
      ],
    }
    for (const [title, [text, message]] of Object.entries(texts))
      assert.is((await fault(text)).message.split('\n')[0], message, title)
  })

  test('what a password is does not stand in an error', async () => {
    assert.match((await fault('h ansible_password=hunter2 x\n')).message, /^(?!.*hunter2)/s)
  })

  test('a script that may not be run, and TOML, are refused with what to do', async () => {
    assert.match((await fault('#!/bin/sh\necho {}\n')).hint ?? '', /chmod \+x hosts/)
    assert.match((await fault('[all.hosts]\n', 'hosts.toml')).message, /TOML are not supported/)
  })
})
