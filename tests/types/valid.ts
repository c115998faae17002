import * as v from 'valibot'
import { type Host, playbook, type Resource, restart, type Secret, secret, task } from '../../runner/index.ts'
import { file, user } from './things.ts'

/** True when two types are the same, not merely assignable. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(truth: Equal<A, B>): void => void truth

const site = playbook('site', { vars: v.object({ version: v.string() }), groups: ['k8s', 'cp', 'workers'] })
const prepare = task('prepare', async (host) => {
  await host.ensure(user({ name: 'x' }))
})

interface InitResult {
  readonly endpoint: string
  readonly token: Secret<string>
  readonly at: Date
}
const init = task('init', async (_host, options: { version: string }): Promise<InitResult> => ({
  endpoint: options.version,
  token: secret`a`,
  at: new Date(),
}))
const firstOf = task('first-of', async <T extends { name: string }>(_host: Host, items: readonly T[]) => ({
  first: items[0],
}))

const written = task('written', async (host) => host.ensure(file({ path: '/a', content: 'x' })))
same<string, Awaited<ReturnType<typeof written>>['path']>(true)

const prepared = site.play('Prepare', { hosts: 'k8s', become: true }, async (host) => {
  same<boolean, Awaited<ReturnType<typeof prepare>>['changed']>(true)
  await prepare(host)
  const { first } = await firstOf(host, [{ name: 'a', z: 1 }])
  return { interface: 'eth0', name: first?.name }
})
const initialised = site.play('Initialise', { hosts: 'cp[0]', become: true }, (host) =>
  init(host, { version: host.vars.version }),
)
site.play(
  'Join',
  {
    hosts: 'workers:!cp',
    serial: ['25%', 2],
    needs: { initialised, prepared },
    vars: v.object({ label: v.string() }),
    tags: ['join'],
  },
  async (host, given) => {
    same<string, typeof given.initialised.endpoint>(true)
    same<Secret<string>, typeof given.initialised.token>(true)
    const interfaceName: string | undefined = given.prepared.get(host.name)?.interface
    same<string, typeof host.vars.label>(true)
    same<string, typeof host.vars.version>(true)

    const [a, b] = await host.ensure([
      file({ path: '/a', content: secret`pw=${given.initialised.token}` }),
      user({ name: interfaceName ?? 'x' }),
    ])
    same<string, typeof a.path>(true)
    same<string | undefined, typeof b.home>(true)
    const one = await host.ensure(file({ path: '/a', content: 'x' }), { onChange: [restart('a'), restart('b')] })
    same<boolean, typeof one.changed>(true)
    const many = await host.ensure(['a', 'b'].map((name) => user({ name })))
    same<number | undefined, NonNullable<(typeof many)[0]>['uid']>(true)
    const mixed = await host.ensure([user({ name: 'x' }), ...(one.changed ? [file({ path: '/q', content: '' })] : [])])
    same<number | undefined, (typeof mixed)[0]['uid']>(true)
    const list: Resource[] = [user({ name: 'x' }), file({ path: '/q', content: '' })]
    await host.ensure(list)

    const json = await host.read`cat /x`.json(v.object({ n: v.number() }))
    same<number, typeof json.n>(true)
    const lines = await host.read({ cwd: '/srv', touches: ['/srv'] })`ls ${['a', 'b']}`.lines()
    same<string[], typeof lines>(true)
    const ran = await host.command({ creates: '/x' })`touch ${'/x'}`
    same<boolean, typeof ran.changed>(true)
    await host.command({ everyTime: true, changed: (result) => result.stdout !== '' })`date`
    const root = await host.as('root').ensure(file({ path: '/r', content: 'x' }))
    same<string, typeof root.path>(true)
    const { os } = await host.facts
    same<string, typeof os.id>(true)
  },
)
playbook('free').play('Any group', { hosts: 'anything:!x' }, async () => {})
playbook('named', { groups: ['web'] }).play('Globs', { hosts: 'we*:~web[0-9]+:&all' }, async () => {})
