import { setTimeout as sleep } from 'node:timers/promises'
import type { LabHost } from '../lab/lab.ts'

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'

/** How many nodes the control plane says are Ready. */
export async function readyNodes(controlPlane: LabHost): Promise<number> {
  const text = await controlPlane.inside(`/usr/bin/${kubectl} get nodes --no-headers`)
  return text.split('\n').filter((line) => /\sReady\s/.test(line)).length
}

/**
 * A Pod on each node serves a page, and gets the page of the other: fails where it can't within two minutes. The image's
 * one program that can ask for a page is kubectl.
 */
export async function podsReachEachOther(controlPlane: LabHost, nodes: readonly string[]): Promise<void> {
  const pod = (node: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `page-${node}`, labels: { app: 'page' } },
    spec: {
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'page',
          image: 'k8s.gcr.io/lab-cni:1',
          command: [
            '/bin/sh',
            '-c',
            `echo page of ${node} >/tmp/index.html;exec /bin/busybox httpd -f -p 8080 -h /tmp`,
          ],
        },
      ],
    },
  })
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes.map(pod) })
  await controlPlane.inside(`cat <<'E' | ${kubectl} apply -f - >/dev/null\n${list}\nE`)
  for (const [i, node] of nodes.entries()) {
    const other = nodes[(i + 1) % nodes.length] ?? node
    const get = `ip=$(${kubectl} get pod page-${other} -o jsonpath={.status.podIP}) && [ "$ip" ] && ${kubectl} exec page-${node} -- kubectl --server http://$ip:8080 --request-timeout 5s get --raw /index.html`
    await eventually(`the Pod on ${node} gets no page from ${other}`, async () =>
      (await controlPlane.inside(get)).includes(`page of ${other}`),
    )
  }
  await controlPlane.inside(`${kubectl} delete pod -l app=page --wait=true >/dev/null`)
}

async function eventually(what: string, act: () => Promise<boolean>): Promise<void> {
  let last: unknown
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(1000)) {
    try {
      if (await act()) return
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${what}: ${last instanceof Error ? last.message : ''}`)
}

const log = '/var/log/api-requests.log'

/** Programs that take the names of kubectl and curl, and write down each request before they make it. */
const counting = {
  kubectl: `exec /usr/bin/kubectl --v=6 --logtostderr=false --alsologtostderr=false --stderrthreshold=4 --log-file=${log}.$$ "$@"`,
  curl: `for w;do case $w in https:*:6443/*)echo "round_trippers $w";;esac;done >>${log}.$$\nexec /usr/bin/curl "$@"`,
}

/** From here on each request to the API on these hosts is written down. */
export async function countApiRequests(hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    await host.inside(`rm -f ${log}*`)
    for (const [name, text] of Object.entries(counting)) {
      const path = `/usr/local/bin/${name}`
      await host.inside(`cat <<'E' >${path}\n#!/bin/sh\n${text}\nE\nchmod 755 ${path}`)
    }
  }
}

/** How many requests were made since; the counting ends. */
export async function apiRequests(hosts: readonly LabHost[]): Promise<number> {
  let sum = 0
  for (const host of hosts) {
    const text = await host.inside(`cat ${log}* 2>/dev/null | grep -c 'round_trippers.*https:' || true`)
    sum += Number(text.trim())
    await host.inside(`rm -f /usr/local/bin/kubectl /usr/local/bin/curl ${log}*`)
  }
  return sum
}
