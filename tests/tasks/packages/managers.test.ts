import { isLockOf } from '../../../runner/model/facts-of/package-lock.ts'
import { packageProbe } from '../../../runner/model/facts-of/package.ts'
import { packageSystemProbe } from '../../../runner/model/facts-of/package-system.ts'
import { dnf } from '../../../tasks/packages/dnf.ts'
import { holdOf, managerOf } from '../../../tasks/packages/package-facts.ts'
import { assert, suite } from '../../helpers/suite.ts'

const wanted = { specs: [{ name: 'nginx', version: undefined }] }
const systemOf = (answer: string) => packageSystemProbe().parse(answer)

suite('package managers', (test) => {
  test('one that is not known here is named, and a dnf without its plugin holds nothing', () => {
    assert.throws(() => managerOf(wanted, systemOf('manager zypper\n')), 'has zypper, and only apt, dnf and apk')
    assert.throws(() => managerOf(wanted, systemOf('manager none\n')), 'no package manager on this host')
    assert.throws(() => managerOf({ ...wanted, hold: true }, systemOf('manager dnf\n')), 'can hold no package')
    assert.is(managerOf({ ...wanted, hold: true }, systemOf('manager dnf\nholds\n')), dnf)
  })
  test("dnf's versions may leave out the release and an epoch of 0", () => {
    assert.ok(dnf.matches('1.24.0', '1.24.0-3.el9'))
    assert.ok(dnf.matches('0:1.24.0-3.el9', '1.24.0-3.el9'))
    assert.ok(dnf.matches('2:1.24.0', '2:1.24.0-3.el9'))
    assert.ok(dnf.matches('1.24.*', '1.24.0-3.el9'))
    assert.not.ok(dnf.matches('1.24.0', '2:1.24.0-3.el9'))
    assert.not.ok(dnf.matches('1.24', '1.24.0-3.el9'))
    assert.is(dnf.exact('1.24.0'), undefined)
    assert.is(dnf.exact('1.24.0-3.el9'), '1.24.0-3.el9')
  })
  test("a line of apk's world holds a package at one version by = or the sum of a file, and by nothing else", () => {
    const stateOf = (line: string) => packageProbe('nginx').parse(`package install installed 1.2-r3\n${line}\nend\n`)
    for (const line of ['world =1.2-r3', 'world @edge=1.2-r3', 'world ><Q1kTubn8T+BHFvuOUVQBddBnwKiYU='])
      assert.equal(stateOf(line), { version: '1.2-r3', held: true, remains: false, named: true }, line)
    for (const line of ['world ', 'world @edge', 'world ~1.2', 'world >=1.2', 'world @edge>=1.2', 'world <2'])
      assert.equal(stateOf(line), { version: '1.2-r3', held: false, remains: false, named: true }, line)
    assert.equal(stateOf('other'), { version: '1.2-r3', held: false, remains: false, named: false })
  })
  test('apk keeps a whole version that is asked for, unless it is said otherwise', () => {
    const system = systemOf('manager apk\nholds\n')
    const hold = (version: string | undefined, asked?: boolean) =>
      holdOf(asked === undefined ? wanted : { ...wanted, hold: asked }, { name: 'nginx', version }, system)
    assert.equal(
      [hold('1.2-r3'), hold('1.2.*'), hold(undefined), hold('1.2-r3', false)],
      [true, undefined, undefined, false],
    )
    assert.is(holdOf(wanted, { name: 'nginx', version: '1.2-1' }, systemOf('manager apt\n')), undefined)
  })
  test('a lock of versionlock holds what it names, in any of its forms, and nothing else', () => {
    for (const lock of [
      'nginx-0:1.24.0-3.el9.*',
      'nginx-1.24.*',
      'nginx',
      'nginx-1.24.0-3.el9.x86_64',
      'nginx-1.24.0',
    ]) {
      assert.ok(isLockOf(lock, 'nginx', '1.24.0-3.el9'), lock)
    }
    for (const lock of ['nginx-0:1.22.0-3.el9.*', 'nginx-core', 'nginx-mod-0:1.24.0-3.el9.*', 'xnginx']) {
      assert.not.ok(isLockOf(lock, 'nginx', '1.24.0-3.el9'), lock)
    }
    assert.ok(isLockOf('bind-32:9.16.23-1.el9.*', 'bind.x86_64', '32:9.16.23-1.el9'))
  })
})
