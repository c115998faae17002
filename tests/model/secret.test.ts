import { inspect } from 'node:util'
import { redact, presentable } from '../../runner/engine/redact.ts'
import { reveal, Secret, secret } from '../../runner/model/secret.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('secret', (test) => {
  const it = new Secret('kö-s3cr3t "x"')
  test('no way of making text of it works', () => {
    for (const attempt of [
      // oxlint-disable-next-line typescript/restrict-template-expressions -- what the types refuse is what is tried
      () => `${it}`,
      () => String(it),
      () => JSON.stringify({ it }),
      () => [it].join(),
      () => it + '',
    ]) {
      assert.throws(attempt, /can not be printed/)
    }
  })
  test('inspection shows a mask', () => assert.is(inspect({ it }), '{ it: <secret> }'))
  test('map and the tag carry it on', () => {
    assert.is(
      reveal(secret`user=${'a'} password=${it.map((value) => value.toUpperCase())}`),
      'user=a password=KÖ-S3CR3T "X"',
    )
  })
  test('it is masked in what a host sends back, in every usual form', () => {
    const plain = 'kö-s3cr3t "x"'
    const forms = [
      plain,
      Buffer.from(plain).toString('base64'),
      Buffer.from(`user:${plain}:end`).toString('base64'),
      Buffer.from(`us:${plain}:end`).toString('base64'),
      Buffer.from(`<${plain}>`).toString('base64url'),
      Buffer.from(plain).toString('hex'),
      encodeURIComponent(plain),
      JSON.stringify(plain),
    ]
    for (const form of forms) {
      const shown = redact(`before ${form} after`)
      assert.match(shown, '<secret>')
      assert.not.match(shown, form.length > 20 ? form.slice(8, -8) : form)
    }
  })
  test('it is masked deep in data', () =>
    assert.equal(presentable({ a: ['kö-s3cr3t "x"!', it] }), { a: ['<secret>!', '<secret>'] }))
  test('short texts are not masked, since they would mask everything', () => {
    void new Secret('ab')
    assert.is(redact('about'), 'about')
  })
  test('it is masked however long it is, and however many there are', () => {
    const long = Array.from({ length: 12 }, (_, i) => `${String(i).padStart(4, '0')}${'0123456789abcdef'.repeat(4096)}`)
    for (const one of long) void new Secret(one)
    const many = Array.from({ length: 400 }, (_, i) => `password-${i}-${'y'.repeat(100)}`)
    for (const one of many) void new Secret(one)
    assert.is(redact(`a ${long[7]} b ${Buffer.from(long[8] ?? '').toString('base64')} c`), 'a <secret> b <secret> c')
    assert.is(redact(`a ${many[399]} b`), 'a <secret> b')
  })
})
