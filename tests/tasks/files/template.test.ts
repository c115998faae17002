import { readFileSync, writeFileSync } from 'node:fs'
import { Secret } from '../../../runner/model/secret.ts'
import { PredictionEnd, unknown, unknownReason } from '../../../runner/model/unknown.ts'
import { template } from '../../../tasks/files/template.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { converge, diff, scratch } from './trial.ts'

suite('template', (test) => {
  test('puts values in as they are, and leaves no lines where only tags were', () => {
    using dir = scratch()
    const source = dir.at('app.conf.eta')
    writeFileSync(
      source,
      '# `app` $x \\n\nname = <%= it.name %>\n<% for (const port of it.ports) { %>\n  listen <%= port %>;\n<% } %>\nend',
    )
    const wanted = template({
      path: dir.at('app.conf'),
      source,
      values: { name: `<it's "&">`, ports: [80, 443] },
      mode: '0600',
    })
    assert.is(wanted.kind, 'file')
    assert.is(converge(wanted).length, 2)
    assert.equal(converge(wanted), [])
    const text = `# \`app\` $x \\n\nname = <it's "&">\n  listen 80;\n  listen 443;\nend`
    assert.is(readFileSync(dir.at('app.conf'), 'utf8'), text)
  })

  test('takes a missing value, a wrong one or a slip in the template for an error with its line', () => {
    using dir = scratch()
    const source = dir.at('t.eta')
    const render = (text: string, values: object) => {
      writeFileSync(source, text)
      return template({ path: '/x', source, values })
    }
    assert.throws(
      () => render('a\n\nb <%= it.nme %>\n', { name: 1 }),
      /t\.eta can not be rendered: line 3[^]*here is undefined/,
    )
    assert.throws(() => render('<%= it.list %>', { list: [1] }), /here is a list/)
    assert.throws(() => render('<%= it.o %>', { o: {} }), /here is an object/)
    assert.throws(() => render('\n<%= it.a.b %>', {}), /line 2/)
    assert.throws(() => render('<% if ( %>', {}), /Unexpected token/)
    assert.throws(
      () => render('<%= it.key %>', { key: new Secret('hunter2') }),
      /a Secret can not go through a template/,
    )
    assert.throws(() => template({ path: '/x', source: dir.at('none.eta'), values: {} }), /source can not be read/)
  })

  test('carries an unknown through, and ends the prediction where it decides something', () => {
    using dir = scratch()
    writeFileSync(dir.at('old'), 'x', { mode: 0o644 })
    writeFileSync(dir.at('t.eta'), 'id = <%= it.id %>\n')
    const values = { id: unknown<string>('what init gives') }
    const [change] = diff(template({ path: dir.at('old'), source: dir.at('t.eta'), values }))
    assert.is(unknownReason(change?.after), 'what init gives')
    writeFileSync(dir.at('t.eta'), '<% if (it.id.length > 3) { %>long<% } %>')
    assert.throws(
      () => template({ path: dir.at('old'), source: dir.at('t.eta'), values }),
      (error: unknown) => error instanceof PredictionEnd && error.reason === 'what init gives',
    )
  })
})
