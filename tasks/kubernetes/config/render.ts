import { stringify } from 'yaml'
import { TsplayError } from '../../../runner/model/errors.ts'
import type { ConfigApi } from '../version.ts'
import type { Documents } from './documents.ts'

type Tree = Readonly<Record<string, unknown>>

/** The first form of kubeadm's configuration that knows a field. Paths end anywhere below the document. */
const since: readonly (readonly [path: RegExp, api: ConfigApi])[] = [
  [/\.nodeRegistration\.imagePullPolicy$/, 'v1beta3'],
  [/^(?:Init|Join)Configuration\.(?:skipPhases|patches)$/, 'v1beta3'],
  [/\.nodeRegistration\.imagePullSerial$/, 'v1beta4'],
  [/^(?:Init|Join)Configuration\.timeouts$/, 'v1beta4'],
  [/\.extraEnvs$/, 'v1beta4'],
  [/^ClusterConfiguration\.(?:dns\.disabled|proxy|encryptionAlgorithm)$/, 'v1beta4'],
  [/^ClusterConfiguration\.(?:certificateValidityPeriod|caCertificateValidityPeriod)$/, 'v1beta4'],
]

/** Lists of flags that are maps before v1beta4. */
const flagLists = new Set(['extraArgs', 'kubeletExtraArgs'])

const componentApi: Readonly<Record<string, string>> = {
  KubeletConfiguration: 'kubelet.config.k8s.io/v1beta1',
  KubeProxyConfiguration: 'kubeproxy.config.k8s.io/v1alpha1',
}

/**
 * Documents for a kubeadm that reads `api`, as YAML for people, or as one line of JSON each: so that a secret document
 * has no line that may stand elsewhere too. Throws `TsplayError('OPTIONS')` on a field that this form does not
 * have, so that nothing asked for is dropped in silence.
 */
export function renderDocuments(api: ConfigApi, documents: Documents, form: 'yaml' | 'json' = 'yaml'): string {
  return Object.entries(documents)
    .filter(([, document]) => document !== undefined)
    .map(([kind, document]) => {
      const fields = loweredDocument(api, kind, document as Tree)
      const whole = { apiVersion: componentApi[kind] ?? `kubeadm.k8s.io/${api}`, kind, ...fields }
      return form === 'yaml' ? stringify(whole) : `${JSON.stringify(whole)}\n`
    })
    .join('---\n')
}

/** The fields of one document, as `api` writes them. Throws as {@link renderDocuments} does. */
export const loweredDocument = (api: ConfigApi, kind: string, document: Tree): Tree =>
  kind in componentApi ? document : lowered(api, kind, document)

function lowered(api: ConfigApi, path: string, tree: Tree): Tree {
  const fields = Object.entries(tree).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const at = `${path}.${name}`
      const first = since.find(([pattern]) => pattern.test(at))?.[1]
      if (first !== undefined && api < first) {
        throw new TsplayError('OPTIONS', `${at} is known from ${first} on, and this kubeadm reads ${api}`, {
          hint: 'leave it out, or install a newer Kubernetes',
        })
      }
      if (api !== 'v1beta4' && flagLists.has(name)) return [name, flagMap(at, value as readonly Flag[])]
      return [name, isTree(value) ? lowered(api, at, value) : value]
    }),
  )
}

interface Flag {
  readonly name: string
  readonly value: string
}

function flagMap(path: string, flags: readonly Flag[]): Tree {
  const map = new Map(flags.map(({ name, value }) => [name, value]))
  if (map.size === flags.length) return Object.fromEntries(map)
  throw new TsplayError('OPTIONS', `${path}: a flag that is given twice needs v1beta4 (Kubernetes 1.31)`)
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)
