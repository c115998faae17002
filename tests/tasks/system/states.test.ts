import { execFileSync } from 'node:child_process'
import { groupProbe } from '../../../runner/model/facts-of/group.ts'
import { moduleProbe } from '../../../runner/model/facts-of/module.ts'
import { packageProbe } from '../../../runner/model/facts-of/package.ts'
import { packageSystemProbe } from '../../../runner/model/facts-of/package-system.ts'
import { probeText } from '../../../runner/model/probe.ts'
import { sysctlPath, sysctlProbe } from '../../../runner/model/facts-of/sysctl.ts'
import { newUnit, unitProbe, type UnitState } from '../../../runner/model/facts-of/unit.ts'
import { userProbe } from '../../../runner/model/facts-of/user.ts'
import { isResource, type Resource } from '../../../runner/model/resource.ts'
import { packageSpecs, versionMatches } from '../../../tasks/packages/package-spec.ts'
import { keyLine } from '../../../tasks/system/key-line.ts'
import { service } from '../../../tasks/system/service.ts'
import { shells } from '../../helpers/local-connection.ts'
import { assert, suite } from '../../helpers/suite.ts'

const show = (active: string, sub: string, more = '') =>
  `LoadState=loaded\nActiveState=${active}\nSubState=${sub}\nUnitFileState=enabled\nInvocationID=abc\nNeedDaemonReload=no\n${more}end\n`

function changesOf(resource: Resource, state: object) {
  if (!isResource(resource)) throw new Error('not a resource')
  const { definition, options } = resource
  const changes = definition.diff(options, state)
  if (changes.length > 0)
    assert.equal(definition.diff(options, definition.after(options, state)), [], 'after settles it')
  return changes.map(({ field, after }) => `${field} ${String(after)}`)
}

const up = newUnit({ active: 'active', sub: 'running', running: 'running', enabled: 'enabled', invocationId: 'abc' })
const due: UnitState = { ...up, due: { restart: true, reload: true } }

suite('states of system resources', (test) => {
  for (const [name, path] of Object.entries(shells)) {
    test(`probes answer the same in ${name}`, () => {
      const run = (script: string) =>
        execFileSync(path, name === 'busybox' ? ['sh', '-c', script] : ['-c', script], { encoding: 'utf8' })
      const root = userProbe('root')
      assert.equal(root.parse(run(root.script))?.home, '/root')
      assert.is(userProbe('no-such-user').parse(run(userProbe('no-such-user').script)), undefined)
      assert.is(groupProbe('root').parse(run(groupProbe('root').script))?.gid, 0)
      assert.is(groupProbe('no-such').parse(run(groupProbe('no-such').script)), undefined)
      assert.is(packageSystemProbe().parse(run(packageSystemProbe().script)).manager, 'apt')
      assert.ok(packageProbe('dash').parse(run(packageProbe('dash').script)).version)
      assert.is(packageProbe('no-such').parse(run(packageProbe('no-such').script)).version, undefined)
      assert.is(moduleProbe('no-such').parse(run(probeText(moduleProbe('no-such')))).loaded, 'no')
      assert.ok(sysctlProbe('kernel.ostype').parse(run(probeText(sysctlProbe('kernel.ostype')))))
      assert.ok(unitProbe('no-such').parse(run(probeText(unitProbe('no-such')))).load)
    })
  }
  test('a unit in auto-restart is failing, neither running nor stopped', () => {
    const parse = (raw: string) => unitProbe('x').parse(raw)
    assert.is(parse(show('activating', 'auto-restart')).running, 'failing')
    assert.is(parse(show('activating', 'start')).running, 'starting')
    assert.is(parse(show('active', 'running')).running, 'running')
    assert.is(parse(show('failed', 'failed')).running, 'failed')
    assert.throws(() => parse('end\n'), 'gave no answer')
  })
  test('a restart is due only while the unit is still the run that was marked, and up', () => {
    const dueOf = (raw: string) => unitProbe('x').parse(raw).due
    assert.equal(dueOf(show('active', 'running', 'due restart abc\n')), { restart: true, reload: false })
    assert.equal(dueOf(show('active', 'running', 'due restart abd\n')), { restart: false, reload: false })
    assert.equal(dueOf(show('inactive', 'dead', 'due restart abc\n')), { restart: false, reload: false })
  })
  test('a service does what differs and what is due, and no more', () => {
    const of = (options: object, unit: UnitState) => changesOf(service({ name: 'x', ...options }), { unit })
    assert.equal(of({ running: true, enabled: true }, up), [])
    assert.equal(of({ running: true, enabled: false }, up), ['enabled false'])
    assert.equal(of({ running: true }, due), ['restart true'])
    assert.equal(of({}, { ...up, due: { restart: false, reload: true } }), ['reload true'])
    assert.equal(of({ running: false }, due), ['running false'])
    assert.equal(of({ running: true }, newUnit()), ['running true'])
    assert.equal(of({ running: true }, newUnit({ active: 'activating', sub: 'auto-restart', running: 'failing' })), [
      'running true',
    ])
    assert.equal(of({ enabled: true }, { ...up, enabled: 'static' }), [])
    assert.equal(of({ masked: true, running: false }, up), ['masked true', 'running false'])
    assert.throws(
      () => of({ running: true }, newUnit({ load: 'no-init' })),
      'neither systemd nor OpenRC runs on this host',
    )
    assert.throws(() => of({ running: true }, newUnit({ load: 'masked', enabled: 'masked' })), 'masked')
  })
  test('names that a shell or a program could misread are refused', () => {
    for (const name of ['', '-x', 'a b', "a'b", '$(x)', 'a\nb', '0']) {
      assert.throws(() => userProbe(name), 'can not be the name', name)
    }
    for (const name of ['-x', 'a b', 'a;b', '']) assert.throws(() => packageSpecs(name), 'can not be the name')
    assert.throws(() => packageSpecs(['ed', 'ed=1']), 'twice')
    assert.throws(() => sysctlPath('../../etc/passwd'), 'can not be the name')
    assert.is(sysctlPath('net.ipv4.conf.eth0/100.forwarding'), '/proc/sys/net/ipv4/conf/eth0.100/forwarding')
  })
  test('a version is met exactly, or by its pattern', () => {
    assert.ok(versionMatches('1.31.*', '1.31.2-1.1'))
    assert.not.ok(versionMatches('1.31.*', '1.310'))
    assert.not.ok(versionMatches('1.3', '1.31'))
  })
  test('a key line is read with blanks and quotes in its options', () => {
    const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIFwTkUjzU1mm'
    const options = 'command="echo \\"ssh-rsa x\\"",no-pty'
    assert.equal(keyLine(`${options} ssh-ed25519 ${blob} a b`), { options, type: 'ssh-ed25519', blob })
    assert.is(keyLine(`# ssh-ed25519 ${blob}`), undefined)
  })
})
