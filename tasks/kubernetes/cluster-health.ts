import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { retry } from '../../runner/model/retry.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { apiLibrary, apiProbe, apiQuestions, nodesPath } from './api-script.ts'
import { clusterFact } from './cluster-state.ts'
import { adminConf, apiAnswers, at, json, type Json, listAt, textAt } from './kubectl.ts'

export interface HealthOptions {
  /** How many nodes have to be Ready. */
  readonly nodes: number
  /** Whether the cluster's DNS has to run. @default true */
  readonly dns?: boolean | undefined
  /** Limit in milliseconds. @default 5 minutes */
  readonly timeoutMs?: number | undefined
}

/** As words of shell. */
const paths = {
  nodes: nodesPath,
  dns: "'/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns'",
  pods: "'/api/v1/pods?limit=500'",
  events: "'/api/v1/events?fieldSelector=type%3DWarning&limit=200'",
} as const

type Question = keyof typeof paths

const pathsOf = (questions: readonly Question[]) => Object.fromEntries(questions.map((name) => [name, paths[name]]))

const healthQuestions = (dns: boolean): readonly Question[] => (dns ? ['nodes', 'dns'] : ['nodes'])

/** Asks how nodes are, and the cluster's DNS where it counts: two requests; for {@link healthProblems}. */
export const healthProbe = typed('kubernetes-health', (dns: boolean): Probe<ReadonlyMap<string, string>> => ({
  fact: 'kubernetes:health',
  ...apiProbe(adminConf, pathsOf(healthQuestions(dns))),
  parse: apiAnswers,
  touches: [clusterFact],
}))

async function ask(host: Host, ...questions: readonly Question[]): Promise<ReadonlyMap<string, string>> {
  const script = `${apiLibrary}\n${apiQuestions(adminConf, pathsOf(questions))}`
  const { stdout } = await host.read({ touches: [clusterFact], okCodes: [0, 1] })`sh -c ${script}`
  return apiAnswers(stdout)
}

/** What is not as it should be, one line each; nothing when the nodes are Ready and DNS runs. */
export function healthProblems(answers: ReadonlyMap<string, string>, options: HealthOptions): readonly string[] {
  const nodes = json(answers.get('nodes'))
  if (nodes === undefined) return [`the API server does not answer: ${(answers.get('nodes') ?? '').slice(0, 200)}`]
  const items = listAt(nodes, 'items')
  const waiting = items.flatMap((node) => {
    const ready = condition(node, 'Ready')
    if (textAt(ready, 'status') === 'True') return []
    return [`node ${nameOf(node)} is not Ready: ${textAt(ready, 'message') ?? 'its kubelet has said nothing yet'}`]
  })
  const missing = options.nodes - items.length
  const dns = options.dns === false ? [] : dnsProblems(json(answers.get('dns')))
  return [...(missing > 0 ? [`${missing} of ${options.nodes} nodes are not there`] : []), ...waiting, ...dns]
}

function dnsProblems(pods: Json | undefined): readonly string[] {
  const items = listAt(pods, 'items').filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined)
  if (items.length === 0) return ['CoreDNS has no Pods']
  return items.filter((pod) => !podIsReady(pod)).map(podWords)
}

const nameOf = (object: Json) => textAt(object, 'metadata', 'name') ?? ''

const condition = (object: Json, type: string): Json | undefined =>
  listAt(object, 'status', 'conditions').find((it) => textAt(it, 'type') === type)

const podIsReady = (pod: Json) => textAt(condition(pod, 'Ready'), 'status') === 'True'

/** A Pod and why it waits, in one line. */
function podWords(pod: Json): string {
  const waiting = listAt(pod, 'status', 'containerStatuses').flatMap((container) => {
    const state = at(container, 'state', 'waiting')
    return state === undefined ? [] : [`${textAt(state, 'reason') ?? 'waits'} ${textAt(state, 'message') ?? ''}`.trim()]
  })
  const scheduled = condition(pod, 'PodScheduled')
  const why = waiting[0] ?? textAt(scheduled, 'message')
  return `Pod ${textAt(pod, 'metadata', 'namespace')}/${nameOf(pod)} is ${textAt(pod, 'status', 'phase')}${why === undefined ? '' : `: ${why}`}`
}

/**
 * Waits until the nodes are Ready and the cluster's DNS runs. Throws TsplayError TIMEOUT with what is wrong: nodes, Pods
 * that do not run, and the last warnings of the cluster.
 */
export async function awaitHealth(host: Host, options: HealthOptions): Promise<void> {
  const delayMs = 2000
  const deadline = Date.now() + (options.timeoutMs ?? 300_000)
  const problems = await retry(
    { times: Number.MAX_SAFE_INTEGER, delayMs, until: (found) => found.length === 0 || Date.now() > deadline },
    async () => healthProblems(await ask(host, ...healthQuestions(options.dns !== false)), options),
  )
  if (problems.length === 0) return
  const answers = await ask(host, 'pods', 'events')
  const pods = listAt(json(answers.get('pods')), 'items')
  const stuck = pods.filter((pod) => !podIsReady(pod) && textAt(pod, 'status', 'phase') !== 'Succeeded').map(podWords)
  const events = listAt(json(answers.get('events')), 'items').slice(-8)
  const warnings = events.map((event) => `${textAt(event, 'involvedObject', 'name')}: ${textAt(event, 'message')}`)
  throw new TsplayError(
    'TIMEOUT',
    [
      `the cluster is not healthy after ${(options.timeoutMs ?? 300_000) / 1000} s`,
      ...problems,
      ...stuck.slice(0, 10),
      ...warnings,
    ]
      .filter((line, i, all) => all.indexOf(line) === i)
      .join('\n'),
    { hint: hintFor(problems) },
  )
}

const hintFor = (problems: readonly string[]): string =>
  problems.some((line) => /cni plugin not initialized|NetworkPluginNotReady/.test(line))
    ? 'No Pod network has put its configuration into /etc/cni/net.d of these nodes; or it has, and the folder was deleted and made anew meanwhile: then restart containerd there.'
    : 'Does the manifest of the Pod network fit podSubnet, and can every node get its images?'
