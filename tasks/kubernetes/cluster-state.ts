import { parse } from 'yaml'
import type { Probe } from '../../runner/model/probe.ts'
import { apiLibrary, nodePath } from './api-script.ts'
import { adminConf, apiAnswers, at, json, type Json, listAt, textAt } from './kubectl.ts'

/** What the API server says of the cluster, asked on a control plane: two requests. */
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
}

export const clusterFact = 'kubernetes:cluster'

/**
 * Asks for it. A control plane that was whole once, and does not answer (its host may just have booted), is given a
 * minute while its kubelet runs. `node`: its node's name, where it is not the host's.
 */
export const clusterProbe = (node?: string): Probe<ClusterState> => ({
  fact: clusterFact,
  library: apiLibrary,
  script: `if [ -e ${adminConf} ];then
api_open ${adminConf}
end=
while api_ask '/api/v1/namespaces/kube-system/configmaps?limit=500' ${nodePath(node)};[ ! "$fine" ];do
now=$(date +%s) end=\${end:-$((now+60))}
if [ $now -gt $end ]||! grep -q 'current\\.pem' /etc/kubernetes/kubelet.conf||! systemctl is-active -q kubelet;then break;fi
sleep 3
done 2>/dev/null
api_show configmaps node
fi`,
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
    return text === undefined ? undefined : (parse(text) as Json)
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
  }
}

export const noCluster: ClusterState = {
  answers: false,
  error: undefined,
  configuration: undefined,
  kubelet: undefined,
  kubeProxy: undefined,
  configMaps: [],
  registered: false,
}
