/**
 * A Kubernetes cluster from bare machines, by kubeadm:
 *
 *     npx tsplay plan playbooks/site.ts -i playbooks/site.hosts.yaml
 *     npx tsplay run  playbooks/site.ts -i playbooks/site.hosts.yaml
 *
 * Running it again changes nothing, finishes what was cut, and adds workers that are new in the inventory.
 */
import { playbook } from 'tsplay'
import {
  applyCni,
  fetchKubeconfig,
  inspectCni,
  inspectNode,
  installContainerd,
  installKubernetes,
  kubeadmInit,
  kubeadmJoin,
  markNode,
  prepareNode,
  refuseUnfit,
} from 'tsplay/tasks'
import { clusterVars } from './cluster-vars.ts'

const site = playbook('site', { vars: clusterVars })

const nodes = 'control_plane:workers'

/** A kubelet says which of the host's addresses is its node's; left alone, it takes that of the default route. */
const nodeRegistration = ({ nodeAddress }: { readonly nodeAddress?: string | undefined }) =>
  nodeAddress === undefined ? {} : { kubeletExtraArgs: [{ name: 'node-ip', value: nodeAddress }] }

const seen = site.play('Look at every host', { hosts: nodes, become: true, tags: ['look'] }, async (host) => {
  const { vars } = host
  const report = await inspectNode(host, { controlPlaneEndpoint: vars.controlPlaneEndpoint })
  await inspectCni(host, { manifest: vars.podNetwork, podSubnet: vars.podSubnet })
  return report
})

site.play('Prepare every node', { hosts: nodes, become: true, needs: { seen } }, async (host, given) => {
  const { vars } = host
  await refuseUnfit(host, given.seen, {
    podSubnet: vars.podSubnet,
    serviceSubnet: vars.serviceSubnet,
    controlPlanes: host.run.hosts('control_plane'),
    hosts: host.run.hosts(nodes),
    ignored: vars.ignorePreflightErrors,
    clusterCa: vars.clusterCa,
    hasAdvertiseAddress: (vars.advertiseAddress ?? vars.nodeAddress) !== undefined,
    controlPlaneEndpoint: vars.controlPlaneEndpoint,
  })
  await prepareNode(host, { ipv6: vars.podSubnet.includes(':') })
  await installContainerd(host, {
    kubernetesVersion: vars.kubernetesVersion,
    imageRepository: vars.imageRepository,
    sandboxImage: vars.sandboxImage,
    cgroupDriver: vars.cgroupDriver,
    registryMirrors: vars.registryMirrors,
    proxy: vars.proxy,
  })
  await installKubernetes(host, {
    kubernetesVersion: vars.kubernetesVersion,
    repository: vars.kubernetesRepository,
  })
})

const init = site.play(
  'Initialise the control plane',
  { hosts: 'control_plane[0]', become: true, needs: { seen } },
  (host) => {
    const { vars } = host
    return kubeadmInit(host, {
      kubernetesVersion: vars.kubernetesVersion,
      podSubnet: vars.podSubnet,
      serviceSubnet: vars.serviceSubnet,
      kubelet: { cgroupDriver: vars.cgroupDriver },
      ignorePreflightErrors: vars.ignorePreflightErrors,
      kubeProxy: vars.kubeProxy,
      controlPlaneEndpoint: vars.controlPlaneEndpoint,
      advertiseAddress: vars.advertiseAddress ?? vars.nodeAddress?.split(',')[0],
      init: { nodeRegistration: nodeRegistration(vars) },
      cluster: {
        imageRepository: vars.imageRepository,
        apiServer: vars.apiServerNames && { certSANs: vars.apiServerNames },
      },
    })
  },
)

site.play('Join the workers', { hosts: 'workers', become: true, needs: { init } }, async (host, given) => {
  const { vars } = host
  await kubeadmJoin(host, given.init, {
    ignorePreflightErrors: vars.ignorePreflightErrors,
    join: { nodeRegistration: nodeRegistration(vars) },
  })
})

site.play('Mark the nodes', { hosts: nodes, become: true, needs: { init } }, async (host, given) => {
  await markNode(host, given.init, { labels: host.vars.nodeLabels, taints: host.vars.nodeTaints })
})

site.play('Connect the Pods', { hosts: 'control_plane[0]', become: true, needs: { init } }, async (host, given) => {
  await applyCni(host, { manifest: host.vars.podNetwork, nodes: 1 + host.run.hosts('workers').length })
  await fetchKubeconfig(host, { path: host.vars.kubeconfig })
  host.log(`the cluster is ${given.init.caCertHash} at ${given.init.endpoint}`)
})

export default site
