import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import type { PathState } from '../../runner/model/facts-of/path-state.ts'
import { sysctlPath, sysctlProbe, sysctlValue } from '../../runner/model/facts-of/sysctl.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from './owned-file.ts'

export interface SysctlOptions {
  /** Names the file that sets them at boot: `/etc/sysctl.d/NAME.conf`, which holds these and nothing else. */
  readonly name: string
  /** Kernel parameters by name: `{ 'net.ipv4.ip_forward': 1 }`. */
  readonly values: Readonly<Record<string, string | number>>
  /** `absent` removes the file; what the kernel has now stays until the next boot. @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface SysctlOut {
  readonly path: string
}

interface State {
  readonly file: PathState
  readonly [key: `value ${string}`]: string | undefined
}

const pathOf = ({ name }: SysctlOptions) => `/etc/sysctl.d/${name}.conf`

const contentOf = ({ values }: SysctlOptions) =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${sysctlValue(value)}\n`)
    .join('')

const definition = resource<SysctlOptions, State, SysctlOut>({
  kind: 'sysctl',
  id: ({ name }) => name,
  validate({ name, values }) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name))
      throw new TsplayError('OPTIONS', `sysctl: ${JSON.stringify(name)} can not name a file`)
    for (const [key, value] of Object.entries(values)) {
      sysctlPath(key)
      if (!/^[\x20-\x7e\t]+$/.test(certain(String(value))))
        throw new TsplayError('OPTIONS', `sysctl ${key}: the value has to be one line`)
    }
  },
  probes: (options) => ({
    file: pathProbe(pathOf(options), { content: 'always' }),
    ...Object.fromEntries(
      options.state === 'absent' ? [] : Object.keys(options.values).map((key) => [`value ${key}`, sysctlProbe(key)]),
    ),
  }),
  diff(options, state): Change[] {
    const file = ownedFile(
      `sysctl ${options.name}`,
      pathOf(options),
      state.file,
      options.state === 'absent' ? undefined : contentOf(options),
    )
    if (options.state === 'absent') return file
    const values = Object.entries(options.values).flatMap(([key, value]): Change[] => {
      const found = certain(state[`value ${key}`])
      if (found === undefined) throw missing(key)
      const after = sysctlValue(value)
      return found === after ? [] : [{ field: key, before: found, after }]
    })
    return [...file, ...values]
  },
  apply(options, changes) {
    const path = pathOf(options)
    if (options.state === 'absent') return [{ script: `rm -f ${quote(path)}` }]
    const sets = changes
      .filter(({ field }) => field in options.values)
      .map(({ field, after }) => setting(field, String(after)))
    // A value that the kernel refuses must not come back at boot: the file is written last.
    return [
      ...(sets.length === 0
        ? []
        : [
            {
              script: sets.join('\n'),
              hint: 'Does the play become root? Is this a container, where the parameter can not be set?',
            },
          ]),
      ...(changes.some(({ field }) => field === 'file' || field === 'content')
        ? [{ script: 'mkdir -p /etc/sysctl.d' }, { upload: contentOf(options), to: path, mode: '0644' }]
        : []),
    ]
  },
  after(options, state) {
    if (options.state === 'absent') return { file: { kind: 'absent' } }
    const values = Object.entries(options.values).map(([key, value]) => [`value ${key}`, sysctlValue(value)])
    return { ...Object.fromEntries(values), file: ownedFileAfter(state.file, contentOf(options)) }
  },
  out: (options) => ({ path: pathOf(options) }),
})

/** Not every shell says what the kernel answered. */
const setting = (key: string, value: string) =>
  `printf '%s\\n' ${quote(value)} >${quote(sysctlPath(key))}||{ printf 'the kernel does not take %s for %s\\n' ${quote(value)} ${quote(key)} >&2;exit 1; }`

const missing = (key: string) =>
  new TsplayError('COMMAND', `sysctl ${key}: the host's kernel has no such parameter`, {
    hint: key.startsWith('net.bridge.')
      ? "load its module first: await host.ensure(kernelModule({ name: 'br_netfilter' }))"
      : 'is it misspelt, or does it need a kernel module?',
  })

/**
 * Kernel parameters, now and at boot. Parameters that a module brings need `kernelModule` first.
 * @example
 * await host.ensure(sysctl({ name: 'kubernetes', values: { 'net.ipv4.ip_forward': 1 } }))
 */
export const sysctl = (options: SysctlOptions): Resource<SysctlOut> => definition(options)
