import { TsplayError } from '../../../runner/model/errors.ts'
import { Secret, secret } from '../../../runner/model/secret.ts'
import { definitionChanges } from '../../../tasks/containers/container-changes.ts'
import { definitionLabel, definitionOf, digestsText } from '../../../tasks/containers/container-definition.ts'
import type { MadeContainer } from '../../../tasks/containers/container-options.ts'
import { makeStep } from '../../../tasks/containers/container-script.ts'
import { containerProbe } from '../../../tasks/containers/container-state.ts'
import { container } from '../../../tasks/containers/container.ts'
import { imageName } from '../../../tasks/containers/engine.ts'
import { imageProbe } from '../../../tasks/containers/image-state.ts'
import { assert, suite } from '../../helpers/suite.ts'

const id = '5818d59e52af490f0fef9976488fa3adda33c82db95f44f5720f5b7a85d60439'

const options = {
  name: 'web',
  image: 'localhost/bb:1',
  command: ['sleep', '1000'],
  env: { A: '1', TOKEN: secret`geheim` },
  ports: ['8080:80', '127.0.0.1:9000-9001:90-91/udp'],
  volumes: ['/srv/:/data:ro', 'kept:/kept'],
  restart: 'on-failure:3',
  labels: { a: 'b' },
} as const satisfies MadeContainer

/** As `podman container inspect` answers, version 4.3. */
const told = (change: object = {}, labels: Readonly<Record<string, string>> = {}) =>
  `engine podman\n= ${JSON.stringify({
    name: 'web',
    running: true,
    paused: false,
    imageId: id,
    config: {
      Image: 'localhost/bb:1',
      Entrypoint: '',
      Cmd: ['sleep', '1000'],
      Env: ['PATH=/bin', 'TERM=xterm', 'container=podman', 'A=1', 'TOKEN=geheim'],
      Labels: { a: 'b', [definitionLabel]: digestsText(definitionOf(options)), ...labels },
      Hostname: 'd3d1a499825b',
      User: '',
      WorkingDir: '/',
    },
    ports: {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '90/udp': [{ HostIp: '127.0.0.1', HostPort: '9000' }],
      '91/udp': [{ HostIp: '127.0.0.1', HostPort: '9001' }],
    },
    mounts: [
      {
        Type: 'volume',
        Name: 'kept',
        Source: '/var/lib/containers/storage/volumes/kept/_data',
        Destination: '/kept',
        RW: true,
      },
      { Type: 'volume', Name: id, Source: '/x', Destination: '/of-the-image', RW: true },
      { Type: 'bind', Source: '/srv', Destination: '/data', RW: false },
    ],
    restart: { Name: 'on-failure', MaximumRetryCount: 3 },
    mode: 'bridge',
    networks: ['podman', null],
    ...change,
  })}\nend\n`

const probe = containerProbe(undefined, 'web', { env: ['A', 'TOKEN'], labels: ['a'] })

const changes = (wanted: MadeContainer, raw = told(), imageId: string | undefined = id) => {
  const { thing } = probe.parse(raw)
  assert.ok(thing !== undefined)
  return definitionChanges(wanted, definitionOf(wanted), thing, imageId)
}

suite('containers', (test) => {
  test('one that is as it was asked for needs nothing, though its image and engine give it more', () => {
    assert.equal(changes(options), [])
  })

  test('what differs is told by its field, and secrets are not', () => {
    const ports = ['8081:80']
    assert.equal(changes({ ...options, ports }), [
      {
        field: 'ports',
        before: ['127.0.0.1:9000:90/udp', '127.0.0.1:9001:91/udp', ':8080:80/tcp'],
        after: [':8081:80/tcp'],
      },
    ])
    assert.equal(changes({ ...options, env: { A: '2', TOKEN: new Secret('other') } }), [
      { field: 'env A', before: '1', after: '2' },
      { field: 'env TOKEN', before: true, after: true, restricted: true },
    ])
    assert.equal(changes({ ...options, labels: { a: 'c' } }), [{ field: 'labels a', before: 'b', after: 'c' }])
  })

  test('what is not asked for any more, and what nobody can see in it, is told by its label', () => {
    const { ports: _, ...others } = options
    assert.equal(changes(others), [{ field: 'ports', before: 'asked for otherwise', after: undefined }])
    assert.equal(changes({ ...options, env: { TOKEN: options.env.TOKEN } }), [
      { field: 'env', before: 'asked for otherwise', after: 'as asked for' },
    ])
    assert.equal(changes({ ...options, arguments: ['--memory=64m'] }), [
      { field: 'arguments', before: undefined, after: 'as asked for' },
    ])
  })

  test('one that was made by hand is made anew', () => {
    const byHand = told({}, { [definitionLabel]: '' }).replace(`"${definitionLabel}":""`, '"x":""')
    assert.equal(
      changes(options, byHand).map(({ field, before }) => [field, before]),
      [['definition', 'not made by tsplay']],
    )
  })

  test('an image whose name means another one by now makes a new container, one that is gone does not', () => {
    const other = 'a'.repeat(64)
    assert.equal(changes(options, told(), other), [
      { field: 'image', before: 'localhost/bb:1 5818d59e52af', after: 'localhost/bb:1 aaaaaaaaaaaa' },
    ])
    const { thing } = probe.parse(told())
    assert.ok(thing !== undefined)
    assert.equal(definitionChanges(options, definitionOf(options), thing, undefined), [])
  })

  test("docker's answers are read as podman's are", () => {
    const { thing } = probe.parse(
      told({
        name: '/web',
        imageId: `sha256:${id}`,
        networks: ['bridge', null],
        restart: { Name: 'no', MaximumRetryCount: 0 },
      })
        .replace('engine podman', 'engine docker')
        .replace('"Entrypoint":""', '"Entrypoint":["/bin/sh","-c"]'),
    )
    assert.is(thing?.imageId, id)
    assert.is(thing?.restart, 'no')
    assert.is(thing?.network, 'bridge')
    assert.is(thing?.entrypoint, '/bin/sh -c')
  })

  test('a container that is found by the beginning of its id is another one', () => {
    assert.is(probe.parse(told({ name: 'other' })).thing, undefined)
  })

  test('an engine that is not there, has no such thing, or does not answer are told apart', () => {
    const parse = (raw: string) => imageProbe(undefined, 'app').parse(raw)
    assert.equal(parse('none\nend\n'), { engine: undefined, thing: undefined, said: undefined })
    assert.equal(parse('engine docker\nmissing\nend\n'), { engine: 'docker', thing: undefined, said: undefined })
    assert.is(
      parse('engine docker\n! Cannot connect to the Docker daemon\nend\n').said,
      'Cannot connect to the Docker daemon',
    )
    assert.throws(() => parse('engine docker\n'), /app/)
    assert.throws(() => parse('engine docker\n= {"id"\nend\n'), /app/)
  })

  test('secrets are in no argument, and no label says anything of their values', () => {
    const { script, stdin } = makeStep(options, definitionOf(options), 'podman')
    assert.not.match(script, /geheim/)
    assert.instance(stdin, Secret)
    const other = { ...options, env: { A: '1', TOKEN: secret`other` } }
    assert.is(digestsText(definitionOf(other)), digestsText(definitionOf(options)))
  })

  test('names of images are those of the distribution specification', () => {
    for (const [name, registry] of [
      ['nginx', 'docker.io'],
      ['library/nginx:1.27', 'docker.io'],
      ['docker.io/library/nginx:1.27', 'docker.io'],
      ['localhost/app', 'localhost'],
      ['localhost:5000/a/b-c__d:x', 'localhost:5000'],
      ['registry.example.org/app@sha256:' + id, 'registry.example.org'],
      ['10.0.0.1:5000/app', '10.0.0.1:5000'],
    ] as const) {
      assert.is(imageName(name).registry, registry, name)
    }
    for (const name of ['', 'A', 'a b', '-a', 'a:', 'a//b', 'a@sha256:1', 'a:-b', 'https://a/b']) {
      assert.throws(
        () => imageName(name),
        (error: unknown) => error instanceof TsplayError && error.code === 'OPTIONS',
      )
    }
  })

  test('options that make no sense are refused before anything is asked', () => {
    const base = { name: 'web', image: 'app' }
    const wrong: readonly (readonly [Partial<MadeContainer>, RegExp])[] = [
      [{ name: '-x' }, /can not name a container/],
      [{ ports: ['80'] }, /the port "80" is none/],
      [{ ports: ['80-81:80'] }, /the port/],
      [{ volumes: ['relative/path:/a'] }, /the volume/],
      [{ volumes: ['/srv:/'] }, /the volume/],
      [{ env: { 'A B': '' } }, /can not name a variable/],
      [{ env: { A: secret`a\nb` } }, /secret of several lines/],
      [{ labels: { [definitionLabel]: 'x' } }, /can not name a label/],
      [{ arguments: ['memory=1'] }, /is no option/],
      [{ arguments: ['--name=x'] }, /not yours/],
      [{ command: [] }, /empty/],
      [{ hostname: 'a_b' }, /hostname/],
    ]
    for (const [change, message] of wrong) assert.throws(() => container({ ...base, ...change }), message)
  })
})
