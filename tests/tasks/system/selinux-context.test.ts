import { isResource } from '../../../runner/model/resource.ts'
import { contextProbe, expressionOf } from '../../../tasks/system/selinux/context-state.ts'
import { selinuxContext, type SelinuxContextOptions } from '../../../tasks/system/selinux/selinux-context.ts'
import { assert, suite } from '../../helpers/suite.ts'

const www = { path: '/srv/www', recursive: true, type: 'httpd_sys_content_t' } as const

/** What differs by a host's answer, and the commands that make it so. */
function judged(options: SelinuxContextOptions, answer: string) {
  const resource = selinuxContext(options)
  if (!isResource(resource)) throw new Error('not a resource')
  const { definition, options: wanted } = resource
  const context = contextProbe({ path: options.path, recursive: true, of: 'any' }).parse(`${answer}end\n`)
  const changes = definition.diff(wanted, { context })
  const [step] = definition.apply(wanted, changes, { context })
  const script = step !== undefined && 'script' in step ? step.script : ''
  const semanage = /^semanage .*(?=\|\|exit$)/m.exec(script)?.[0]
  return { changes: changes.map(({ field, before, after }) => `${field} ${String(before)} ${String(after)}`), semanage }
}

const local = 'type.local system_u:object_r:etc_t:s0\n'
const policy = 'type system_u:object_r:httpd_sys_content_t:s0\n'

suite('selinuxContext', (test) => {
  test('adds a rule, and changes one that is there, be it the own or that of the policy', () => {
    const made = (answer: string) => judged(www, answer)
    const rule = "-t httpd_sys_content_t -f a '/srv/www(/.*)?'"
    assert.equal(made('policy\ntools\notherwise 3 \n'), {
      changes: ['type undefined httpd_sys_content_t'],
      semanage: `semanage fcontext -N -a ${rule}`,
    })
    assert.equal(made(`policy\n${local}${policy}tools\n`), {
      changes: ['type etc_t httpd_sys_content_t'],
      semanage: `semanage fcontext -N -m ${rule}`,
    })
    assert.equal(made(`policy\n${policy.replace('httpd_sys_content_t', 'var_t')}tools\n`), {
      changes: ['type var_t httpd_sys_content_t'],
      semanage: `semanage fcontext -N -m ${rule}`,
    })
  })

  test('is content with the rule of the policy, and labels what is there', () => {
    assert.equal(judged(www, `policy\n${policy}tools\notherwise 0 \n`).changes, [])
    assert.equal(judged(www, `policy\n${policy}tools\notherwise 2 \n`), {
      changes: ['labels 2 otherwise as the rules say'],
      semanage: undefined,
    })
  })

  test('takes away the own rule alone', () => {
    const gone = { path: '/srv/www', recursive: true, state: 'absent' } as const
    assert.equal(judged(gone, `policy\n${policy}tools\notherwise 0 \n`).changes, [])
    assert.equal(judged(gone, `policy\n${local}${policy}tools\notherwise 0 \n`).changes, ['type etc_t undefined'])
    assert.equal(judged(gone, '').changes, [])
    assert.equal(judged(gone, `policy\n${policy}`).changes, [])
  })

  test('does not guess where labels can not be looked at, or its tools are missing', () => {
    assert.throws(() => judged(www, `policy\n${policy}tools\notherwise 0 hidden\n`), /can not all be looked at/)
    assert.throws(() => judged(www, `policy\n${local}`), /semanage, setfiles and matchpathcon are needed/)
    assert.throws(() => judged(www, ''), /no policy of SELinux is installed/)
    assert.throws(() => judged(www, 'policy\nwhat\n'), /makes no sense/)
  })

  test('takes a path literally', () => {
    assert.is(expressionOf({ path: '/srv/a.b(c)', recursive: true, of: 'any' }), '/srv/a\\.b\\(c\\)(/.*)?')
    for (const path of ['/', '/srv/a b', '/srv/é', 'srv']) assert.throws(() => selinuxContext({ ...www, path }))
  })
})
