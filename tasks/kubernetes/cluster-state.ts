import type { Probe } from '../../runner/model/probe.ts'
import { yamlDocuments } from '../../runner/model/yaml-documents.ts'
import { apiProbe, nodePath, nodesPath } from './api-script.ts'
import { adminConf, apiAnswers, at, json, type Json, listAt, textAt } from './kubectl.ts'

/** What the API server says of the cluster, asked on a control plane: three requests. */
export interface ClusterState {
  /** Whether it answers; `error` has its words where it does not. */
  readonly answers: boolean
  readonly error: string | undefined
  /** ClusterConfiguration, as kubeadm has stored it. */
  readonly configuration: Json | undefined
  /** KubeletConfiguration that its nodes get. */
  readonly kubelet: Json | undefined
  /** KubeProxyConfiguration. */
  readonly kubeProxy: Json | undefined
  /** Names of the configuration maps in kube-system: each add-on of kubeadm has one. */
  readonly configMaps: readonly string[]
  /** Whether the host's own node is registered. */
  readonly registered: boolean
  /** Names of all nodes; `undefined` where it did not say. */
  readonly nodes: readonly string[] | undefined
}

export const clusterFact = 'kubernetes:cluster'

/** Asks for it. `node`: its node's name, where it is not the host's. */
export const clusterProbe = (node?: string): Probe<ClusterState> => ({
  fact: clusterFact,
  ...apiProbe(adminConf, {
    configmaps: "'/api/v1/namespaces/kube-system/configmaps?limit=500'",
    node: nodePath(node),
    nodes: nodesPath,
  }),
  parse: parseCluster,
})

/** Reads what {@link clusterProbe} printed. */
export function parseCluster(raw: string): ClusterState {
  const answer = apiAnswers(raw)
  const maps = json(answer.get('configmaps'))
  const items = listAt(maps, 'items')
  const document = (map: RegExp, key: string): Json | undefined => {
    const found = items.find((item) => map.test(textAt(item, 'metadata', 'name') ?? ''))
    const text = textAt(found, 'data', key)
    return text === undefined ? undefined : yamlValue(text)
  }
  return {
    answers: maps !== undefined,
    error: maps === undefined ? answer.get('configmaps') : undefined,
    configuration: document(/^kubeadm-config$/, 'ClusterConfiguration'),
    // One for each minor version before 1.24.
    kubelet: document(/^kubelet-config(?:-1\.\d+)?$/, 'kubelet'),
    kubeProxy: document(/^kube-proxy$/, 'config.conf'),
    configMaps: items.flatMap((item) => textAt(item, 'metadata', 'name') ?? []),
    registered: at(json(answer.get('node')), 'metadata', 'uid') !== undefined,
    nodes: names(json(answer.get('nodes'))),
  }
}

function yamlValue(text: string): Json {
  const [document] = yamlDocuments(text)
  const [error] = document.errors
  if (error) throw error
  return document.toJS() as Json
}

const names = (nodes: Json | undefined): readonly string[] | undefined =>
  nodes === undefined ? undefined : listAt(nodes, 'items').flatMap((node) => textAt(node, 'metadata', 'name') ?? [])

export const noCluster: ClusterState = {
  answers: false,
  error: undefined,
  configuration: undefined,
  kubelet: undefined,
  kubeProxy: undefined,
  configMaps: [],
  registered: false,
  nodes: undefined,
}
