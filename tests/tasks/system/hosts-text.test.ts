import { withNames, withoutNames } from '../../../tasks/system/hosts-text.ts'
import { assert, suite } from '../../helpers/suite.ts'

const text = `127.0.0.1\tlocalhost   # kept
127.0.1.1 web1.example.org web1

::1 localhost ip6-localhost
`

suite('the text of /etc/hosts', (test) => {
  test('an address gets its names in their order, and what says so already stays as it is', () => {
    const added = withNames(text, '10.0.0.1', ['cp1.example.org', 'cp1'])
    assert.is(added, `${text}10.0.0.1 cp1.example.org cp1\n`)
    assert.is(withNames(added, '10.0.0.1', ['cp1.example.org', 'cp1']), added)
    assert.is(withNames(added, '10.0.0.1', ['CP1.example.org', 'cp1']), added)
    assert.is(
      withNames(added, '10.0.0.1', ['cp1', 'cp1.example.org']),
      added.replace('cp1.example.org cp1', 'cp1 cp1.example.org'),
    )
    assert.is(withNames('', '10.0.0.1', ['a']), '10.0.0.1 a\n')
    assert.is(withNames('# no end', '10.0.0.1', ['a']), '# no end\n10.0.0.1 a\n')
  })
  test('other names of the address stay, and comments with them', () => {
    assert.is(
      withNames(text, '127.0.0.1', ['app.test']),
      text.replace('127.0.0.1\tlocalhost   # kept', '127.0.0.1 localhost app.test   # kept'),
    )
  })
  test('a name leaves other addresses of its family, and no others', () => {
    assert.is(
      withNames(text, '10.0.0.1', ['web1']),
      `${text.replace('web1.example.org web1', 'web1.example.org')}10.0.0.1 web1\n`,
    )
    assert.is(withNames('10.0.0.2 a\n', '10.0.0.1', ['a']), '10.0.0.1 a\n')
    assert.is(
      withNames(text, '127.0.0.2', ['localhost']),
      text.replace('127.0.0.1\tlocalhost   # kept\n', '') + '127.0.0.2 localhost\n',
    )
  })
  test('addresses are the same however they are spelled', () => {
    assert.is(withNames('2001:DB8:0::1 a\n', '2001:db8::1', ['a']), '2001:DB8:0::1 a\n')
    assert.is(withoutNames('0:0::1 a\n', '::1', undefined), '')
  })
  test('what is taken away goes alone, and its line with the last name', () => {
    assert.is(withoutNames(text, '127.0.1.1', ['web1']), text.replace('web1.example.org web1', 'web1.example.org'))
    assert.is(withoutNames(text, '127.0.1.1', ['web1', 'web1.example.org']), text.replace(/^127\.0\.1\.1.*\n/m, ''))
    assert.is(withoutNames(text, '127.0.1.1', undefined), text.replace(/^127\.0\.1\.1.*\n/m, ''))
    assert.is(withoutNames(text, '10.9.9.9', undefined), text)
  })
})
