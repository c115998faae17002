import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { moduleName, moduleProbe, type ModuleState } from '../../runner/model/facts-of/module.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import type { PathState } from '../../runner/model/facts-of/path-state.ts'
import { sysctlFact } from '../../runner/model/facts-of/sysctl.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from './owned-file.ts'

export interface KernelModuleOptions {
  /** As modprobe(8) takes it. */
  readonly name: string
  /** Parameters, kept in `/etc/modprobe.d/NAME.conf`; they count when it is next loaded. Left out, none are looked after. */
  readonly parameters?: Readonly<Record<string, string | number>>
  /** Whether it is loaded at boot, by `/etc/modules-load.d/NAME.conf` unless another file does so already. @default true */
  readonly atBoot?: boolean
  /** `absent` unloads it, and removes these two files. @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface KernelModuleOut {
  readonly builtIn: boolean
}

interface State {
  readonly module: ModuleState
  readonly parameters: PathState
}

const loadFile = ({ name }: KernelModuleOptions) => `/etc/modules-load.d/${name}.conf`
const parameterFile = ({ name }: KernelModuleOptions) => `/etc/modprobe.d/${name}.conf`

const parameterText = ({ name, parameters = {} }: KernelModuleOptions) =>
  `options ${name} ${Object.entries(parameters)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')}\n`

const definition = resource<KernelModuleOptions, State, KernelModuleOut>({
  kind: 'kernel-module',
  id: ({ name }) => moduleName(name),
  validate({ name, parameters = {} }) {
    moduleName(name)
    for (const [key, value] of Object.entries(parameters)) {
      if (!/^\w+$/.test(key) || !/^[^\s#\\\0]+$/.test(certain(String(value)))) {
        throw new TsplayError('OPTIONS', `kernel module ${name}: ${JSON.stringify(`${key}=${value}`)} is no parameter`)
      }
    }
  },
  probes: (options) => ({
    module: moduleProbe(options.name),
    parameters: pathProbe(parameterFile(options), { content: 'always' }),
  }),
  diff(options, { module, parameters }): Change[] {
    const { loaded, listedIn } = certain(module)
    const what = `kernel module ${options.name}`
    if (options.state === 'absent') {
      return [
        ...(loaded === 'loaded' ? [{ field: 'loaded', before: true, after: false }] : []),
        ...(listedIn.includes(loadFile(options)) ? [{ field: 'at boot', before: true, after: false }] : []),
        ...ownedFile(what, parameterFile(options), parameters, undefined),
      ]
    }
    return [
      ...(options.parameters ? ownedFile(what, parameterFile(options), parameters, parameterText(options)) : []),
      ...((options.atBoot ?? true) && loaded !== 'built-in' && listedIn.length === 0
        ? [{ field: 'at boot', before: false, after: true }]
        : []),
      ...(loaded === 'no' ? [{ field: 'loaded', before: false, after: true }] : []),
    ]
  },
  apply(options, changes): Step[] {
    const differs = (...fields: string[]) => changes.some(({ field }) => fields.includes(field))
    const name = quote(moduleName(options.name))
    const hint = "Is it in the running kernel's /lib/modules? After a kernel update a reboot may be due."
    if (options.state === 'absent') {
      const files = `rm -f ${quote(loadFile(options))} ${quote(parameterFile(options))} || exit 1`
      return [{ script: `${files}\n${differs('loaded') ? modprobe(`-r ${name}`) : ''}`, hint: 'Is the module in use?' }]
    }
    const steps: Step[] = []
    if (differs('file', 'content')) {
      steps.push(
        { script: 'mkdir -p /etc/modprobe.d' },
        { upload: parameterText(options), to: parameterFile(options), mode: '0644' },
      )
    }
    if (differs('at boot')) {
      steps.push(
        { script: 'mkdir -p /etc/modules-load.d' },
        { upload: `${options.name}\n`, to: loadFile(options), mode: '0644' },
      )
    }
    if (differs('loaded')) steps.push({ script: modprobe(name), hint })
    return steps
  },
  after(options, { module, parameters }) {
    const file = loadFile(options)
    if (options.state === 'absent') {
      return {
        module: {
          loaded: module.loaded === 'built-in' ? 'built-in' : 'no',
          listedIn: module.listedIn.filter((one) => one !== file),
        },
        parameters: { kind: 'absent' },
      }
    }
    const lists = (options.atBoot ?? true) && module.loaded !== 'built-in' && module.listedIn.length === 0
    return {
      module: { loaded: module.loaded === 'no' ? 'loaded' : module.loaded, listedIn: lists ? [file] : module.listedIn },
      parameters: options.parameters ? ownedFileAfter(parameters, parameterText(options)) : parameters,
    }
  },
  effects({ name, state }, { module }) {
    if (state === 'absent' || moduleName(name) !== 'br_netfilter' || module.loaded !== 'no') return []
    return Object.entries(bridgeDefaults).map(([key, value]) => ({
      fact: sysctlFact(`net.bridge.bridge-nf-${key}`),
      value,
    }))
  },
  out: (_, { module }) => ({ builtIn: module.loaded === 'built-in' }),
})

/** What br_netfilter sets when it is loaded (net/bridge/br_netfilter_hooks.c of Linux, `brnf_net`). */
const bridgeDefaults = {
  'call-arptables': '1',
  'call-iptables': '1',
  'call-ip6tables': '1',
  'filter-pppoe-tagged': '0',
  'filter-vlan-tagged': '0',
  'pass-vlan-input-dev': '0',
}

const modprobe = (words: string) => `PATH=$PATH:/usr/sbin:/sbin
command -v modprobe >/dev/null||{ echo 'modprobe is not installed on this host: it comes with the package kmod' >&2;exit 127; }
modprobe ${words}`

/**
 * A kernel module: loaded now, and at boot. One that is built into the kernel counts as loaded.
 * @example
 * await host.ensure([kernelModule({ name: 'overlay' }), kernelModule({ name: 'br_netfilter' })])
 */
export const kernelModule = (options: KernelModuleOptions): Resource<KernelModuleOut> => definition(options)
