import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { hostname } from 'node:os'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { apiLibrary, apiProbe, apiQuestions, nodePath } from '../../../tasks/kubernetes/api-script.ts'
import { isNotFound, json, sections } from '../../../tasks/kubernetes/kubectl.ts'
import { shells } from '../../helpers/local-connection.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { type TemporaryFolder, temporaryFolder } from '../../helpers/temporary-folder.ts'

const run = promisify(execFile)

/** Asks as a host does, with programs of the folder's `bin` before the host's own. */
async function ask(folder: TemporaryFolder, paths: Readonly<Record<string, string>>, shell = 'sh') {
  return sections(await runOn(folder, apiQuestions(`${folder.path}/admin.conf`, paths), shell))
}

async function runOn(folder: TemporaryFolder, script: string, shell: string): Promise<string> {
  const asked = `${apiLibrary}\n(\n${script}\n)`.replaceAll('/run/', `${folder.path}/`)
  const text = `PATH=${folder.path}/bin:$PATH\nmark() { echo "mark $1"; }\n${asked}`
  const words = shell.endsWith('busybox') ? ['sh', '-c', text] : ['-c', text]
  const { stdout } = await run(shell, words)
  assert.equal(
    (await readdir(folder.path)).filter((name) => name.startsWith('tsplay.')),
    [],
    'a folder is left',
  )
  return stdout
}

/** A folder whose `kubectl` gives these answers one after another, and tells how often it was asked. */
async function withKubectl(answers: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder({
    ...Object.fromEntries(answers.map((answer, i) => [`answer-${i}`, answer])),
    'bin/sleep': '#!/bin/sh\n',
    ...more,
  })
  const at = folder.path
  await folder.write(
    'bin/kubectl',
    `#!/bin/sh\ni=$(cat ${at}/count 2>/dev/null||echo 0)\necho $((i+1)) >${at}/count\ncat ${at}/answer-$i\n`,
  )
  execFileSync('chmod', ['-R', '755', `${at}/bin`])
  return folder
}

async function asked(...answers: readonly string[]) {
  await using folder = await withKubectl(answers)
  const answer = (await ask(folder, { a: '/a' })).get('a')
  return { answer, times: Number(await readFile(`${folder.path}/count`, 'utf8')) }
}

interface ApiServer extends AsyncDisposable {
  /** Holds the kubeconfig. */
  readonly folder: TemporaryFolder
  /** Requests, as `path agent client`. */
  readonly requests: readonly string[]
  /** How many connections they came by. */
  readonly connections: number
}

/** Keys and certificates of an authority, a server and a client, by file name; made once. */
const certificates = lazy(async () => {
  await using folder = await temporaryFolder()
  const at = (name: string) => `${folder.path}/${name}`
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const made = async (name: string, ...more: string[]) => {
    const out = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), '-subj', `/CN=${name}`]
    await run('openssl', ['req', '-x509', ...key, ...out, ...more])
    return [readFileSync(at(`${name}.key`)), readFileSync(at(`${name}.crt`))] as const
  }
  const ca = await made('ca')
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-addext', 'subjectAltName=IP:127.0.0.1']
  return { ca, server: await made('server', ...signed), client: await made('client', ...signed) }
})

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** A server that gives objects to clients of its own authority. */
async function apiServer(objects: Readonly<Record<string, readonly [code: number, body: string]>>): Promise<ApiServer> {
  const folder = await withKubectl(['it was kubectl that asked'])
  const { ca, server: own, client } = await certificates()
  const requests: string[] = []
  let connections = 0
  const server = createServer({ key: own[0], cert: own[1], ca: ca[1], requestCert: true }, (request, response) => {
    requests.push(`${request.url} ${request.headers['user-agent']}`)
    const [code, body] = objects[request.url ?? ''] ?? [404, '404 page not found\n']
    response.writeHead(code).end(body)
  }).on('secureConnection', () => (connections += 1))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await folder.write(
    'admin.conf',
    `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${ca[1].toString('base64')}
    server: https://127.0.0.1:${port}
  name: kubernetes
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${client[1].toString('base64')}
    client-key-data: ${client[0].toString('base64')}
`,
  )
  return {
    folder,
    requests,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const failure = (message: string, reason: string) =>
  JSON.stringify({ kind: 'Status', metadata: {}, status: 'Failure', message, reason, code: 1 })

suite(
  'questions to the API',
  (test) => {
    const slow = 'Unable to connect to the server: net/http: TLS handshake timeout'

    test('an answer of kubectl is taken as it is, and asked for once', async () => {
      assert.equal(await asked('{"kind":"Node","text":"a\\\\nb: etcdserver: x"}\n'), {
        answer: '{"kind":"Node","text":"a\\\\nb: etcdserver: x"}',
        times: 1,
      })
      const refused = 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?'
      assert.equal(await asked(refused), { answer: refused, times: 1 })
    })

    test('an API server that is too slow to answer is asked three times', async () => {
      assert.equal(await asked(slow, slow, '{}'), { answer: '{}', times: 3 })
      assert.equal(await asked(slow, slow, slow), { answer: slow, times: 3 })
    })

    test('a control plane that was whole once is given a minute to answer, while its kubelet runs', async () => {
      const refused = 'The connection to the server 10.0.0.1:6443 was refused'
      const times = async (more: Readonly<Record<string, string>>, ...answers: readonly string[]) => {
        await using folder = await withKubectl(answers, {
          'kubelet.conf': 'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n',
          'bin/systemctl': '#!/bin/sh\n',
          ...more,
        })
        await ask(folder, { a: '/a' })
        return Number(await readFile(`${folder.path}/count`, 'utf8'))
      }
      assert.is(await times({}, refused, refused, '{}'), 3)
      assert.is(await times({}, 'Error from server (NotFound): no a'), 1)
      assert.is(await times({ 'kubelet.conf': '' }, refused, '{}'), 1)
      assert.is(await times({ 'bin/systemctl': '#!/bin/sh\nexit 3\n' }, refused, '{}'), 1)
      const clock = '#!/bin/sh\nprintf . >>"$0.n"\necho $(($(wc -c <"$0.n")*25))\n'
      assert.is(await times({ 'bin/date': clock }, ...Array<string>(9).fill(refused)), 4)
    })

    for (const [name, path] of Object.entries(shells)) {
      test(`in ${name}, curl asks for all paths over one connection, and what is not there is told as kubectl tells it`, async () => {
        await using api = await apiServer({
          '/api/v1/nodes': [200, '{"items":[]}'],
          '/api/v1/nodes/w1': [404, failure('nodes "w1" not found', 'NotFound')],
          '/api/v1/pods?a=b%3Dc&limit=5': [200, '{"kind":"List","text":"a\\\\nb NotFound"}'],
        })
        const answers = await ask(
          api.folder,
          { nodes: '/api/v1/nodes', w1: '/api/v1/nodes/w1', pods: "'/api/v1/pods?a=b%3Dc&limit=5'", crd: '/apis/x' },
          path,
        )
        assert.equal(api.requests, [
          '/api/v1/nodes tsplay',
          '/api/v1/nodes/w1 tsplay',
          '/api/v1/pods?a=b%3Dc&limit=5 tsplay',
          '/apis/x tsplay',
        ])
        assert.is(api.connections, 1)
        assert.equal(json(answers.get('nodes')), { items: [] })
        assert.is(answers.get('pods'), '{"kind":"List","text":"a\\\\nb NotFound"}')
        assert.is(json(answers.get('w1')), undefined)
        assert.match(answers.get('w1') ?? '', /^Error from server: nodes \\"w1\\" not found \(NotFound\)$/)
        assert.ok(isNotFound(answers.get('w1')) && isNotFound(answers.get('crd')))
      })
    }

    for (const [name, path] of Object.entries(shells)) {
      test(`in ${name}, what is asked together comes over one connection, each with the answer it has alone`, async () => {
        await using api = await apiServer({
          '/a?x=*&limit=5': [200, '{"a":"  \\\\n * "}'],
          [`/api/v1/nodes/${hostname().toLowerCase()}`]: [200, '{"own":1}'],
          '/b': [404, failure('no b', 'NotFound')],
        })
        const kubeconfig = `${api.folder.path}/admin.conf`
        const probes = [
          apiProbe(kubeconfig, { 0: "'/a?x=*&limit=5'", 1: '/b' }),
          apiProbe(kubeconfig, { node: nodePath(undefined) }),
          apiProbe(kubeconfig, { 0: '/b', nodes: '/c' }),
        ]
        const alone: string[] = []
        for (const { script } of probes) alone.push(await runOn(api.folder, script, path))
        assert.match(alone[0] ?? '', /^== 0\n\{"a":" {2}\\\\n \* "\}\n== 1\nError/)
        const before = api.connections
        const requests = api.requests.length
        const words = probes.map(({ together }, i) => `p${i} ${together?.subject}`)
        const together = await runOn(api.folder, `api_facts ${words.join(' ')}`, path)
        assert.equal(together, alone.map((text, i) => `mark p${i}\n${text}`).join(''))
        assert.is(api.connections - before, 1)
        assert.is(api.requests.length - requests, 4, 'what two want is asked once')

        const gone = apiProbe(`${kubeconfig}.gone`, { a: '/a' })
        const twice = `p0 ${gone.together?.subject} p1 ${gone.together?.subject}`
        assert.is(await runOn(api.folder, `api_facts ${twice}`, path), 'mark p0\nmark p1\n')
        const mixed = `api_facts ${words[0]} p1 ${gone.together?.subject}||echo 'each by itself'`
        assert.is(await runOn(api.folder, mixed, path), 'each by itself\n')
      })
    }

    test('a server that answers nobody is an error in words, and one that fails for a while is asked again', async () => {
      await using api = await apiServer({
        '/a': [500, failure('etcdserver: leader changed', 'InternalError')],
      })
      assert.match(
        (await ask(api.folder, { a: '/a' })).get('a') ?? '',
        /^Error from server: etcdserver: leader changed/,
      )
      assert.is(api.requests.length, 3)
      const gone = (await readFile(`${api.folder.path}/admin.conf`, 'utf8')).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
      await api.folder.write('admin.conf', gone)
      assert.match((await ask(api.folder, { a: '/a' })).get('a') ?? '', /Failed to connect|Couldn't connect/)
    })

    test('a kubeconfig that is not as kubeadm makes it is left to kubectl', async () => {
      await using api = await apiServer({ '/a': [200, '{}'] })
      const config = await readFile(`${api.folder.path}/admin.conf`, 'utf8')
      for (const other of [`${config}    token: abc\n`, `${config}- cluster:\n    server: https://10.0.0.2\n`]) {
        await api.folder.write('admin.conf', other)
        await api.folder.write('count', '0')
        assert.is((await ask(api.folder, { a: '/a' })).get('a'), 'it was kubectl that asked')
      }
      assert.equal(api.requests, [])
    })
  },
  30_000,
)
