import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { type Secret, secret } from '../../runner/model/secret.ts'
import { certain } from '../../runner/model/unknown.ts'
import type { BootstrapToken } from './bootstrap-secrets.ts'
import { apiLibrary, apiQuestions } from './api-script.ts'
import { adminConf, apiAnswers, isNotFound } from './kubectl.ts'

export interface JoinTokenOptions {
  readonly token: BootstrapToken
  /** Whom it is for. */
  readonly node: string
  /** When the cluster forgets it: RFC 3339, in UTC. */
  readonly expiration: string
}

/** Where tokens are kept: one Secret each. */
const folder = '/api/v1/namespaces/kube-system/secrets'

type Found = 'absent' | 'present'

const tokenProbe = ({ id }: BootstrapToken): Probe<Found> => ({
  fact: `kubernetes:token ${id}`,
  library: apiLibrary,
  script: `if [ -e ${adminConf} ];then {
${apiQuestions(adminConf, { token: `${folder}/bootstrap-token-${id}` })}
}|sed 's/"data":.*/"data":{}}/';fi`,
  parse(raw) {
    const text = apiAnswers(raw).get('token') ?? ''
    if (text === '' || isNotFound(text)) return 'absent'
    if (/^\{.*"kind":"Secret"/.test(text)) return 'present'
    throw new TsplayError('COMMAND', `the API server did not say whether there is a token: ${text.slice(0, 300)}`)
  },
  absent: (answer) => answer === 'absent',
})

const definition = resource<JoinTokenOptions, { readonly token: Found }, object>({
  kind: 'join-token',
  id: ({ node }) => node,
  probes: ({ token }) => ({ token: tokenProbe(token) }),
  diff: (_, { token }) =>
    certain(token) === 'present' ? [] : [{ field: 'token', before: undefined, after: 'for a quarter of an hour' }],
  apply: (options) => [
    {
      script: `kubectl --kubeconfig ${adminConf} create --raw ${folder} -f - >/dev/null`,
      stdin: manifest(options),
      timeoutMs: 60_000,
    },
  ],
  after: () => ({ token: 'present' }),
  out: () => ({}),
})

/** A bootstrap token as kubeadm makes it (bootstrap token authentication of Kubernetes). */
function manifest({ token, node, expiration }: JoinTokenOptions): Secret<string> {
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${token.id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': token.id,
      'token-secret': '<secret>',
      description: `for ${node} to join`,
      expiration,
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    },
  }
  const [head = '', tail = ''] = JSON.stringify(object).split('<secret>')
  return secret`${head}${token.secret}${tail}`
}

/** A token that one node may join with, kept by the cluster for a quarter of an hour. */
export const joinToken = (options: JoinTokenOptions): Resource => definition(options)
