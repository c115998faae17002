import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import type { Taint } from './config/documents.ts'
import { apiProbe, nodePath } from './api-script.ts'
import { adminConf, apiAnswers, at, isNotFound, json, listAt, textAt } from './kubectl.ts'

export interface NodeMarksOptions {
  /** The node's name. */
  readonly node: string
  /** Labels; `null` is one that is to be gone. Others stay. */
  readonly labels?: Readonly<Record<string, string | null>> | undefined
  /** All of its taints, but those that Kubernetes sets by itself (`node.kubernetes.io/…`). Left out, they stay. */
  readonly taints?: readonly Taint[] | undefined
}

/** What the cluster says of a node. */
export interface FoundMarks {
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
}

const marksProbe = (node: string): Probe<FoundMarks | undefined> => ({
  fact: `kubernetes:marks ${node}`,
  ...apiProbe(adminConf, { node: nodePath(node) }),
  parse: (raw) => parseMarks(apiAnswers(raw).get('node') ?? ''),
  absent: (answer) => answer === undefined,
  // A node that is predicted to join, or whose cluster is predicted to be made, has marks that nobody knows yet.
  touches: ['*'],
})

/** Reads the API's node; `undefined` where there is none. */
export function parseMarks(raw: string): FoundMarks | undefined {
  const node = json(raw)
  if (node === undefined) {
    if (raw === '' || isNotFound(raw)) return undefined
    throw new TsplayError('COMMAND', `the API server did not give the node: ${raw.slice(0, 300)}`)
  }
  return {
    // The API has nothing but strings here.
    labels: (at(node, 'metadata', 'labels') ?? {}) as Readonly<Record<string, string>>,
    taints: listAt(node, 'spec', 'taints').map((taint) => ({
      key: textAt(taint, 'key') ?? '',
      value: textAt(taint, 'value'),
      effect: textAt(taint, 'effect') as Taint['effect'],
    })),
  }
}

/** `key=value:NoSchedule`, as kubectl writes it. */
const taintText = ({ key, value, effect }: Taint) => `${key}${value ? `=${value}` : ''}:${effect}`

/** Set and taken away by Kubernetes itself, by how the node is. */
const isKubernetes = ({ key }: Taint) => /^node(?:\.cloudprovider)?\.kubernetes\.io\//.test(key)

const definition = resource<NodeMarksOptions, { readonly marks: FoundMarks | undefined }, object>({
  kind: 'node-marks',
  id: ({ node }) => node,
  probes: ({ node }) => ({ marks: marksProbe(node) }),
  diff(options, state): Change[] {
    const marks = certain(state.marks)
    if (marks === undefined) throw new TsplayError('COMMAND', `the cluster has no node ${options.node}`)
    return markChanges(options, marks)
  },
  apply(options, _, { marks = none }) {
    const node = quote(options.node)
    const labels = wrongLabels(options, marks).map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`))
    const { missing, extra } = wrongTaints(options, marks)
    const taints = [...missing.map(taintText), ...extra.map((taint) => `${taint.key}:${taint.effect}-`)]
    const kubectl = `kubectl --kubeconfig ${adminConf}`
    return [
      ...(labels.length > 0
        ? [{ script: `${kubectl} label --overwrite node ${node} ${labels.map(quote).join(' ')} >/dev/null` }]
        : []),
      ...(taints.length > 0
        ? [{ script: `${kubectl} taint --overwrite node ${node} ${taints.map(quote).join(' ')} >/dev/null` }]
        : []),
    ]
  },
  after: ({ labels = {}, taints }, { marks = none }) => ({
    marks: {
      labels: Object.fromEntries(
        Object.entries({ ...marks.labels, ...labels }).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
      taints: taints === undefined ? marks.taints : [...marks.taints.filter(isKubernetes), ...taints],
    },
  }),
  out: () => ({}),
})

/** What of it differs, each label and taint as a field of its own. */
export function markChanges(options: NodeMarksOptions, marks: FoundMarks): Change[] {
  const labels = wrongLabels(options, marks).map(([key, value]): Change => ({
    field: `label ${key}`,
    before: marks.labels[key],
    after: value ?? undefined,
  }))
  const { missing, extra } = wrongTaints(options, marks)
  return [
    ...labels,
    ...missing.map((taint): Change => ({ field: `taint ${taintText(taint)}`, before: undefined, after: 'set' })),
    ...extra.map((taint): Change => ({ field: `taint ${taintText(taint)}`, before: 'set', after: undefined })),
  ]
}

const none: FoundMarks = { labels: {}, taints: [] }

const wrongLabels = ({ labels = {} }: NodeMarksOptions, marks: FoundMarks) =>
  Object.entries(labels).filter(([key, value]) => (marks.labels[key] ?? null) !== value)

function wrongTaints({ taints }: NodeMarksOptions, marks: FoundMarks) {
  if (taints === undefined) return { missing: [], extra: [] }
  const [wanted, found] = [taints.map(taintText), marks.taints.map(taintText)]
  return {
    missing: taints.filter((taint) => !found.includes(taintText(taint))),
    extra: marks.taints.filter((taint) => !isKubernetes(taint) && !wanted.includes(taintText(taint))),
  }
}

/** A node's labels and taints, set on a control plane: a kubelet may not give itself those of `node-role.kubernetes.io`. */
export const nodeMarks = (options: NodeMarksOptions): Resource => definition(options)
