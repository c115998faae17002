import { Overlay } from '../../runner/engine/prediction/overlay.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { unknown, unknownReason } from '../../runner/model/unknown.ts'
import { assert, suite } from '../helpers/suite.ts'

type Answer = { readonly kind: string; readonly content?: string }

const probe = (fact: string, more: Partial<Probe<Answer>> = {}): Probe<Answer> => ({
  fact,
  script: 'true',
  parse: (raw) => ({ kind: raw }),
  absent: ({ kind }) => kind === 'absent',
  ...more,
})
const file = () => ({ kind: 'file' })
const absent = () => ({ kind: 'absent' })

suite('overlay', (test) => {
  test('what nothing was predicted of is for the host to say', () => {
    assert.equal(new Overlay().answer(probe('path:/a'), file), { kind: 'file' })
  })
  test('a predicted fact answers in place of the host', () => {
    const overlay = new Overlay()
    overlay.lay('path:/a', { kind: 'directory' }, 'directory /a')
    assert.equal(overlay.answer(probe('path:/a'), absent), { kind: 'directory' })
  })
  test('a prediction that lacks what a probe asks for is unknown', () => {
    const overlay = new Overlay()
    overlay.lay('path:/a', { kind: 'file' }, 'package x')
    const asks = probe('path:/a', { answeredBy: ({ content }) => content !== undefined })
    assert.ok(unknownReason(overlay.answer(asks, file)))
  })
  test('after a change whose effects nobody can list, absent is unknown and present is present', () => {
    const overlay = new Overlay()
    overlay.cloud('package nginx')
    assert.is(unknownReason(overlay.answer(probe('unit:nginx.service'), absent)), 'package nginx')
    assert.equal(overlay.answer(probe('path:/a'), file), { kind: 'file' })
  })
  test('a fact that such a change names is known all the same', () => {
    const overlay = new Overlay()
    overlay.cloud('package nginx')
    overlay.lay('unit:nginx.service', { kind: 'unit' }, 'package nginx')
    assert.equal(overlay.answer(probe('unit:nginx.service'), absent), { kind: 'unit' })
  })
  test('what lies below a path that will be gone is gone with it', () => {
    const overlay = new Overlay()
    overlay.lay('path:/srv/app', { kind: 'absent' }, 'absent /srv/app')
    assert.equal(overlay.answer(probe('path:/srv/app/etc/x'), file), { kind: 'absent' })
    assert.equal(overlay.answer(probe('path:/srv/apple'), file), { kind: 'file' })
    overlay.lay('path:/srv/app', { kind: 'directory' }, 'directory /srv/app')
    assert.equal(overlay.answer(probe('path:/srv/app/etc/x'), file), { kind: 'absent' })
    overlay.lay('path:/srv/app/etc', { kind: 'directory' }, 'directory /srv/app/etc')
    assert.equal(overlay.answer(probe('path:/srv/app/etc'), absent), { kind: 'directory' })
  })
  test('what was predicted below a path goes with it, too', () => {
    const overlay = new Overlay()
    overlay.lay('path:/srv/app/x', { kind: 'file' }, 'file /srv/app/x')
    overlay.lay('path:/srv/app', { kind: 'absent' }, 'absent /srv/app')
    assert.equal(overlay.answer(probe('path:/srv/app/x'), file), { kind: 'absent' })
  })
  test('below a mount nothing is as it was, but for what is predicted after it', () => {
    const overlay = new Overlay()
    overlay.lay('path:/srv', { kind: 'absent' }, 'absent /srv')
    overlay.lay('path:/srv/a', { kind: 'file' }, 'file /srv/a')
    overlay.lay('path:/srv', { kind: 'directory' }, 'mount /srv')
    overlay.lay('path:/srv/*', unknown('what lies there'), 'mount /srv')
    overlay.lay('path:/srv/b', { kind: 'file' }, 'file /srv/b')
    assert.equal(overlay.answer(probe('path:/srv'), absent), { kind: 'directory' })
    for (const path of ['/srv/a', '/srv/a/deep'])
      assert.is(unknownReason(overlay.answer(probe(`path:${path}`), file)), 'what lies there')
    assert.equal(overlay.answer(probe('path:/srv/b'), absent), { kind: 'file' })
    assert.equal(overlay.answer(probe('path:/srvb'), absent), { kind: 'absent' })
    overlay.lay('path:/srv/*', { kind: 'absent' }, 'mount /srv')
    assert.equal(overlay.answer(probe('path:/srv/a'), file), { kind: 'absent' })
    overlay.lay('path:/srv', { kind: 'absent' }, 'absent /srv')
    overlay.lay('path:/srv', { kind: 'directory' }, 'directory /srv')
    assert.equal(overlay.answer(probe('path:/srv/b'), file), { kind: 'absent' })
  })
  test('a script that may look at anything is unknown once anything is predicted, others once theirs is', () => {
    const overlay = new Overlay()
    overlay.lay('path:/a', { kind: 'file' }, 'file /a')
    assert.is(unknownReason(overlay.answer(probe('script:x', { touches: ['*'] }), file)), 'file /a')
    assert.ok(unknownReason(overlay.answer(probe('script:x', { touches: ['path:/a'] }), file)))
    assert.equal(overlay.answer(probe('script:x', { touches: ['path:/b'] }), file), { kind: 'file' })
  })
})
