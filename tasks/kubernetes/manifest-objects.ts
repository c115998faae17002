import { TsplayError } from '../../runner/model/errors.ts'
import { textPosition } from '../../runner/model/text-position.ts'
import { yamlDocuments } from '../../runner/model/yaml-documents.ts'
import { at, type Json, listAt, textAt } from './kubectl.ts'

/** One object of a manifest. */
export interface ManifestObject {
  /** `DaemonSet kube-system/lab-cni`. */
  readonly name: string
  /** Its path in the API: `/apis/apps/v1/namespaces/kube-system/daemonsets/lab-cni`. */
  readonly path: string
  readonly object: Json
}

/** Kinds that are in no namespace. */
const clusterWide = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'CSIDriver',
  'IngressClass',
  'RuntimeClass',
  'PodSecurityPolicy',
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  // Calico's operator.
  'Installation',
  'APIServer',
  'Goldmane',
  'Whisker',
])

/** Reads a manifest of Kubernetes, lists unfolded. Throws `TsplayError('OPTIONS')` on what is none. */
export function manifestObjects(what: string, text: string): readonly ManifestObject[] {
  const objects = yamlDocuments(text).flatMap((document): Json[] => {
    const [error] = document.errors
    if (error) throw new TsplayError('OPTIONS', `${what}: ${error.message} at ${textPosition(text, error.pos[0])}`)
    const value = document.toJS() as Json
    if (value === null) return []
    return textAt(value, 'kind') === 'List' ? [...listAt(value, 'items')] : [value]
  })
  if (objects.length === 0) throw new TsplayError('OPTIONS', `${what} holds no objects`)
  const own = new Map(
    objects
      .filter((object) => textAt(object, 'kind') === 'CustomResourceDefinition')
      .map((object) => [textAt(object, 'spec', 'names', 'kind') ?? '', object]),
  )
  return objects.map((object) => located(what, object, own))
}

function located(what: string, object: Json, own: ReadonlyMap<string, Json>): ManifestObject {
  const kind = textAt(object, 'kind')
  const apiVersion = textAt(object, 'apiVersion')
  const name = textAt(object, 'metadata', 'name')
  if (kind === undefined || apiVersion === undefined || name === undefined) {
    throw new TsplayError('OPTIONS', `${what}: an object has no kind, apiVersion or metadata.name`)
  }
  const definition = own.get(kind)
  const wide = clusterWide.has(kind) || textAt(definition, 'spec', 'scope') === 'Cluster'
  const namespace = wide ? undefined : (textAt(object, 'metadata', 'namespace') ?? 'default')
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const plural = textAt(definition, 'spec', 'names', 'plural') ?? pluralOf(kind)
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`
  return {
    name: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
    path: `${group}${place}/${plural}/${encodeURIComponent(name)}`,
    object,
  }
}

/** The plural of a kind, as Kubernetes' own types have it. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (word === 'endpoints') return word
  if (/(?:s|x|ch)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

/**
 * What a living object has otherwise than its manifest says, as paths. What the cluster adds is not looked at; values
 * that it writes in another way (quantities) count as the same.
 */
export function objectDifferences(wanted: Json, found: Json): readonly string[] {
  const object = textAt(wanted, 'kind') === 'Secret' ? withData(wanted) : wanted
  return differences('', object, found).filter((path) => !/^\.(?:status|metadata\.creationTimestamp)/.test(path))
}

function differences(path: string, wanted: Json, found: Json | undefined): string[] {
  if (isEmpty(wanted)) return found === undefined || isEmpty(found) || typeof found === 'object' ? [] : [path]
  if (Array.isArray(wanted)) {
    const list = found as readonly Json[]
    if (!Array.isArray(found) || list.length !== wanted.length) return [path]
    return (wanted as readonly Json[]).flatMap((item, i) => differences(`${path}[${i}]`, item, list[i]))
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return [path]
    return Object.entries(wanted).flatMap(([key, value]) => differences(`${path}.${key}`, value, at(found, key)))
  }
  return wanted === found || sameQuantity(wanted, found) ? [] : [path]
}

const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

/** `stringData` is written, and `data` read. */
function withData(secret: Json): Json {
  const { stringData, ...rest } = secret as { readonly [key: string]: Json }
  const plain = Object.entries((stringData ?? {}) as { readonly [key: string]: Json })
  const coded = plain.map(([key, value]) => [
    key,
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
  ])
  return { ...rest, data: { ...(rest['data'] as object | undefined), ...Object.fromEntries(coded) } }
}

/** Powers of the suffixes of a quantity (k8s.io/apimachinery, resource.Quantity). */
const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

function sameQuantity(one: Json, other: Json | undefined): boolean {
  const [a, b] = [quantity(one), quantity(other)]
  return a !== undefined && a === b
}

function quantity(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti|)$/.exec(String(value))
  return match ? Number(match[1]) * (suffixes[match[2] ?? ''] ?? 1) : undefined
}
