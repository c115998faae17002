import { probeText } from '../../../runner/model/probe.ts'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { TsplayError } from '../../../runner/model/errors.ts'
import { sha256 } from '../../../runner/model/content.ts'
import {
  ancestorProbe,
  pathProbe,
  type PathProbeOptions,
  unfollowedProbe,
} from '../../../runner/model/facts-of/path.ts'
import { absolutePath, pathFact, type PathState } from '../../../runner/model/facts-of/path-state.ts'
import { unknown, unknownReason } from '../../../runner/model/unknown.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { hostileTexts, namesFor } from '../../tasks/files/hostile.ts'
import { scratch, shell, shells } from '../../tasks/files/trial.ts'

const ask = (path: string, options: PathProbeOptions = {}, name = 'dash'): PathState => {
  const probe = pathProbe(path, options)
  return probe.parse(shell(probeText(probe), { shell: name }))
}

const nobody = (path: string, options: PathProbeOptions = {}): PathState => {
  const probe = pathProbe(path, options)
  const { stdout } = spawnSync('dash', ['-c', probeText(probe)], { uid: 65534, gid: 65534 })
  return probe.parse(stdout.toString())
}

const isError = (pattern: RegExp, hint?: RegExp) => (error: unknown) =>
  error instanceof TsplayError && pattern.test(error.message) && (hint === undefined || hint.test(error.hint ?? ''))

suite(
  'path fact',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`tells files, directories, links and devices apart in ${name}`, () => {
        using dir = scratch()
        writeFileSync(dir.at('file'), 'text\n', { mode: 0o640 })
        chmodSync(dir.at('file'), 0o4640)
        symlinkSync('file', dir.at('link'))
        symlinkSync('link', dir.at('chain'))
        symlinkSync('/nowhere at all', dir.at('dangling'))
        symlinkSync('loop', dir.at('loop'))
        const owned = { owner: 'root', group: 'root', uid: 0, gid: 0 }
        const file = { kind: 'file', mode: '4640', ...owned, size: 5, sha256: sha256('text\n') }
        assert.equal(ask(dir.at('file'), {}, name), file)
        assert.equal(ask(dir.at('link'), {}, name), {
          kind: 'link',
          target: 'file',
          realPath: dir.at('file'),
          resolved: file,
        })
        assert.equal(ask(dir.at('chain'), {}, name), {
          kind: 'link',
          target: 'link',
          realPath: dir.at('file'),
          resolved: file,
        })
        const dangling = ask(dir.at('dangling'), {}, name)
        assert.is(dangling.kind === 'link' && dangling.target, '/nowhere at all')
        assert.equal(dangling.kind === 'link' && dangling.resolved, { kind: 'absent' })
        assert.equal(ask(dir.at('loop'), {}, name), { kind: 'link', target: 'loop', resolved: { kind: 'absent' } })
        chmodSync(dir.path, 0o3755)
        assert.equal(ask(dir.path, {}, name), { kind: 'directory', mode: '3755', ...owned })
        assert.equal(ask('/dev/null', {}, name), { kind: 'other', mode: '0666', ...owned, what: 'character device' })
        assert.is(ask('/', {}, name).kind, 'directory')
        for (const none of ['none', 'none/below', 'file/below'])
          assert.equal(ask(dir.at(none), {}, name), { kind: 'absent' })
      })

      test(`gives every content byte for byte in ${name}`, () => {
        using dir = scratch()
        for (const [what, text] of Object.entries(hostileTexts)) {
          writeFileSync(dir.at('file'), text)
          const state = ask(dir.at('file'), { content: 'always' }, name)
          assert.is(state.kind === 'file' && state.content, text, what)
        }
        writeFileSync(dir.at('file'), Buffer.from([0x66, 0xff, 0x0a]))
        const binary = ask(dir.at('file'), { content: 'always' }, name)
        assert.not('content' in binary, 'what is not UTF-8 has no text')
        assert.is(binary.kind === 'file' && binary.sha256, sha256(Buffer.from([0x66, 0xff, 0x0a])))
      })

      test(`finds files whatever they are called, and links wherever they lead, in ${name}`, () => {
        using dir = scratch()
        for (const odd of namesFor(name)) {
          const at = dir.at(odd)
          assert.equal(ask(at, {}, name), { kind: 'absent' }, odd)
          writeFileSync(at, odd)
          const state = ask(at, {}, name)
          assert.is(state.kind === 'file' && state.sha256, sha256(odd), odd)
          symlinkSync(odd, dir.at('link'))
          const link = ask(dir.at('link'), {}, name)
          assert.is(link.kind === 'link' && link.target, odd)
          assert.is(link.kind === 'link' && link.resolved.kind, 'file', odd)
          spawnSync('rm', ['-f', dir.at('link')])
        }
      })
    }

    test('prints content only when the digest differs, and only up to the limit', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'text\n')
      assert.not('content' in ask(dir.at('file'), { content: { unless: sha256('text\n') } }))
      assert.is(contentOf(ask(dir.at('file'), { content: { unless: sha256('other') } })), 'text\n')
      assert.not('content' in ask(dir.at('file'), { content: 'always', maxContentBytes: 4 }))
      assert.not('sha256' in ask(dir.at('file'), { digest: false }))
    })

    test('tells what may not be looked at from what is absent', () => {
      using dir = scratch()
      chmodSync(dir.path, 0o755)
      mkdirSync(dir.at('closed'), { mode: 0o700 })
      writeFileSync(dir.at('closed/file'), '')
      writeFileSync(dir.at('unreadable'), 'x', { mode: 0o600 })
      symlinkSync('closed/file', dir.at('link'))
      for (const path of ['closed/file', 'closed/none', 'closed/deep/er', 'link', 'unreadable']) {
        assert.throws(() => nobody(dir.at(path)), isError(/permission denied/, /become: true/), path)
        assert.throws(() => nobody(dir.at(path)), isError(new RegExp(path)), path)
      }
      assert.is(nobody(dir.at('closed')).kind, 'directory')
      assert.is(nobody(dir.at('none')).kind, 'absent')
      assert.is(nobody(dir.at('unreadable'), { digest: false }).kind, 'file', 'without a digest nothing is read')
    })

    test('says so when the host can not answer', () => {
      const probe = pathProbe('/etc/passwd')
      const broken = shell(`PATH=/nonexistent\n${probeText(probe)}`)
      assert.throws(() => probe.parse(broken), isError(/makes no sense/, /stat and readlink/))
      const noDigest = shell(`sha256sum() { return 1; }\n${probeText(probe)}`)
      assert.throws(() => probe.parse(noDigest), isError(/SHA-256 could not be read/, /sha256sum/))
      for (const raw of ['', 'end\n', 'absent', 'stat 1\nend\n', 'absent\nabsent\nend\n']) {
        assert.throws(() => probe.parse(raw), isError(/makes no sense/), JSON.stringify(raw))
      }
    })

    test('does not ask about directories above something that is there', () => {
      using dir = scratch()
      const parent = ancestorProbe(dir.path, dir.at('file'))
      const absent = parent.parse(shell(probeText(parent)))
      assert.is(absent.kind === 'directory' && unknownReason(absent.mode), undefined)
      writeFileSync(dir.at('file'), '')
      const present = parent.parse(shell(probeText(parent)))
      assert.is(present.kind, 'directory')
      assert.is(present.kind === 'directory' && unknownReason(present.mode), 'it was not looked at')
      assert.is(parent.fact, pathFact(dir.path))
    })

    test('looks at a link alone when asked to', () => {
      using dir = scratch()
      symlinkSync('/', dir.at('link'))
      const probe = unfollowedProbe(dir.at('link'))
      assert.is(probe.parse(shell(probeText(probe))).kind, 'link')
    })

    test('normalises paths, and refuses those that mean nothing on a host', () => {
      assert.is(absolutePath('/a//b/./c/../d/'), '/a/b/d')
      assert.is(absolutePath('/'), '/')
      assert.is(absolutePath('//x'), '/x')
      assert.is(pathFact('/etc/'), 'path:/etc')
      assert.throws(() => absolutePath('etc/x'), isError(/has to be absolute/))
      assert.throws(() => absolutePath('~/x'), isError(/"~" is not expanded/))
      assert.throws(() => absolutePath(''), isError(/a path is needed/))
      assert.throws(() => absolutePath('/a\0b'), isError(/NUL/))
      assert.throws(() => absolutePath(`/srv/${unknown<string>('which')}`), /which/)
    })

    test('knows whether a prediction holds what is asked', () => {
      const owned = { mode: '0644', owner: 'root', group: 'root', uid: 0, gid: 0 }
      const bare: PathState = { kind: 'file', ...owned, size: 1 }
      const measured: PathState = { ...bare, sha256: sha256('x') }
      const whole: PathState = { ...measured, content: 'x' }
      const answers = (options: PathProbeOptions) =>
        [bare, measured, whole].map((it) => pathProbe('/x', options).answeredBy?.(it))
      assert.equal(answers({ digest: false }), [true, true, true])
      assert.equal(answers({}), [false, true, true])
      assert.equal(answers({ content: 'always' }), [false, false, true])
      assert.equal(answers({ content: { unless: sha256('x') } }), [false, true, true])
      assert.equal(answers({ content: { unless: sha256('y') } }), [false, false, true])
      assert.is(pathProbe('/x', { content: 'always' }).answeredBy?.({ kind: 'absent' }), true)
    })
  },
  20_000,
)

const contentOf = (state: PathState) => (state.kind === 'file' ? state.content : undefined)
