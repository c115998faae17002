import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { packageProbe, type PackageState } from '../../runner/model/facts-of/package.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, PredictionEnd, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { type ContainerdSettings, editContainerdConfig, type EditedConfig, newSettings } from './containerd-settings.ts'

export interface ContainerdConfigOptions extends ContainerdSettings {
  /** The package that containerd is of, which tells its version. */
  readonly packageName: string
}

/** Where containerd reads its configuration. */
export const containerdConfigPath = '/etc/containerd/config.toml'

interface State {
  readonly path: PathState
  readonly package: PackageState
}

const definition = resource<ContainerdConfigOptions, State, object>({
  kind: 'containerd-config',
  id: () => containerdConfigPath,
  probes: ({ packageName }) => ({
    path: pathProbe(containerdConfigPath, { content: 'always' }),
    package: packageProbe(packageName),
  }),
  diff(options, state): Change[] {
    const changes = edited(options, state)?.changes ?? newSettings(options)
    return changes.map(({ name, before, after }) => ({ field: name, before, after }))
  },
  apply(options, _, state) {
    const config = edited(options, state)
    if (config === undefined) throw new TsplayError('INTERNAL', `${containerdConfigPath} is not known`)
    return [{ script: 'mkdir -p /etc/containerd' }, { upload: config.text, to: containerdConfigPath }]
  },
  after(options, state) {
    const text = edited(options, state)?.text
    const why = 'the package brings the rest of it'
    const before = unknownReason(state.path) === undefined ? resolved(state.path) : undefined
    const ownership = before?.kind === 'file' ? before : newFile
    const file = { ...ownership, kind: 'file', size: unknown<number>(why), sha256: unknown<string>(why) } as const
    return { ...state, path: { ...file, content: text ?? unknown<string>(why) } }
  },
  out: () => ({}),
})

const newFile = { mode: '0644', owner: 'root', group: 'root', uid: 0, gid: 0 } as const

/** The configuration as it is to be; `undefined` where the package is yet to bring the one that is edited. */
function edited(options: ContainerdConfigOptions, state: State): EditedConfig | undefined {
  const found = resolved(certain(state.path))
  if (found.kind === 'directory' || found.kind === 'other') {
    throw new TsplayError('COMMAND', `${containerdConfigPath} is no file`)
  }
  const content = found.kind === 'file' ? whenKnown(() => found.content) : { value: undefined }
  if (content === undefined) return undefined
  if (found.kind === 'file' && content.value === undefined) {
    throw new TsplayError('COMMAND', `${containerdConfigPath} can not be read as text`)
  }
  const version = whenKnown(() => state.package.version)?.value
  const major = Number(/^(?:\d+:)?(\d+)\./.exec(version ?? '')?.[1] ?? 1)
  return editContainerdConfig(content.value, options, major)
}

/** A value that may not be known before the run; `undefined` where it is not. */
function whenKnown<T>(look: () => T): { readonly value: T } | undefined {
  try {
    return { value: certain(look()) }
  } catch (error) {
    if (error instanceof PredictionEnd) return undefined
    throw error
  }
}

/** Settings of containerd, edited into its configuration as a structure. What it is given by others stays. */
export const containerdConfig = (options: ContainerdConfigOptions): Resource => definition(options)
