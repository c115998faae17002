import { parse, stringify } from 'smol-toml'
import { TsplayError } from '../../runner/model/errors.ts'

/** What is asked of containerd's configuration; what is left out stays as it is. */
export interface ContainerdSettings {
  /** The image of the Pods' sandbox: the one that kubeadm asks for. @default containerd's own */
  readonly sandboxImage?: string | undefined
  readonly cgroupDriver?: 'systemd' | 'cgroupfs' | undefined
  /** The folder of CNI's programs. */
  readonly cniBinDir?: string | undefined
  /** The folder of CNI's configuration. */
  readonly cniConfDir?: string | undefined
  /** The folder with a hosts.toml for each registry. */
  readonly registryConfigDir?: string | undefined
}

/** Settings in words of no one version, which reports use. */
export type SettingName =
  | 'container runtime'
  | 'sandbox image'
  | 'cgroup driver'
  | 'CNI programs'
  | 'CNI configuration'
  | 'registry mirrors'

type Table = { [key: string]: unknown }

interface Setting {
  readonly name: SettingName
  readonly path: readonly string[]
  readonly value: unknown
}

/** Where settings lie: 2 is containerd 1.x, 3 and later containerd 2.x (containerd's docs/cri/config.md). */
function places(version: number): Readonly<Record<SettingName, readonly string[]>> {
  if (version < 3) {
    const cri = ['plugins', 'io.containerd.grpc.v1.cri']
    return {
      'sandbox image': [...cri, 'sandbox_image'],
      'container runtime': [...cri, 'containerd', 'runtimes', 'runc', 'runtime_type'],
      'cgroup driver': [...cri, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup'],
      'CNI programs': [...cri, 'cni', 'bin_dir'],
      'CNI configuration': [...cri, 'cni', 'conf_dir'],
      'registry mirrors': [...cri, 'registry', 'config_path'],
    }
  }
  const images = ['plugins', 'io.containerd.cri.v1.images']
  const runtime = ['plugins', 'io.containerd.cri.v1.runtime']
  return {
    'sandbox image': [...images, 'pinned_images', 'sandbox'],
    'container runtime': [...runtime, 'containerd', 'runtimes', 'runc', 'runtime_type'],
    'cgroup driver': [...runtime, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup'],
    'CNI programs': version < 4 ? [...runtime, 'cni', 'bin_dir'] : [...runtime, 'cni', 'bin_dirs'],
    'CNI configuration': [...runtime, 'cni', 'conf_dir'],
    'registry mirrors': [...images, 'registry', 'config_path'],
  }
}

function wanted(settings: ContainerdSettings, version: number): readonly Setting[] {
  const at = places(version)
  const { sandboxImage, cgroupDriver, cniBinDir, cniConfDir, registryConfigDir } = settings
  const all: readonly (readonly [SettingName, unknown])[] = [
    ['sandbox image', sandboxImage],
    // A table for runc takes the place of containerd's own, so that its type has to be said as well.
    ['container runtime', cgroupDriver && 'io.containerd.runc.v2'],
    ['cgroup driver', cgroupDriver && cgroupDriver === 'systemd'],
    ['CNI programs', version < 4 ? cniBinDir : cniBinDir && [cniBinDir]],
    ['CNI configuration', cniConfDir],
    ['registry mirrors', registryConfigDir],
  ]
  return all.flatMap(([name, value]) => (value === undefined ? [] : [{ name, path: at[name], value }]))
}

/** One setting that differs. */
export interface SettingChange {
  readonly name: SettingName | 'CRI plugin'
  readonly before: unknown
  readonly after: unknown
}

export interface EditedConfig {
  readonly text: string
  readonly changes: readonly SettingChange[]
}

/**
 * Edits containerd's configuration as a structure: what is not asked for stays, comments do not. `text` undefined: there
 * is no file yet, and one for containerd `major` is made. Throws TsplayError COMMAND on what is no TOML.
 */
export function editContainerdConfig(
  text: string | undefined,
  settings: ContainerdSettings,
  major: number,
): EditedConfig {
  const root = parsed(text ?? '')
  const version = typeof root['version'] === 'number' ? root['version'] : text === undefined ? (major < 2 ? 2 : 3) : 1
  if (version === 1) {
    throw new TsplayError('COMMAND', '/etc/containerd/config.toml has the form of version 1, which is not supported', {
      hint: 'convert it on the host: containerd config migrate',
    })
  }
  root['version'] = version
  const changes: SettingChange[] = []
  const off = root['disabled_plugins']
  if (Array.isArray(off) && off.includes('cri')) {
    changes.push({ name: 'CRI plugin', before: 'disabled', after: 'enabled' })
    root['disabled_plugins'] = off.filter((plugin) => plugin !== 'cri')
  }
  for (const { name, path, value } of wanted(settings, version)) {
    const before = put(root, path, value)
    if (JSON.stringify(before) !== JSON.stringify(value)) changes.push({ name, before, after: value })
  }
  if (settings.registryConfigDir !== undefined) dropMirrors(root, places(version)['registry mirrors'])
  return { text: stringify(root), changes }
}

/** What would be changed in a configuration that has nothing of it yet. */
export const newSettings = (settings: ContainerdSettings): readonly SettingChange[] =>
  wanted(settings, 2).map(({ name, value }) => ({ name, before: undefined, after: value }))

function parsed(text: string): Table {
  try {
    return parse(text) as Table
  } catch (cause) {
    throw new TsplayError('COMMAND', '/etc/containerd/config.toml is no TOML', { cause })
  }
}

/** Sets a value, makes the tables above it, and gives what was there. */
function put(root: Table, path: readonly string[], value: unknown): unknown {
  let table = root
  for (const key of path.slice(0, -1)) {
    const next = table[key]
    if (isTable(next)) table = next
    else {
      const made: Table = {}
      table[key] = made
      table = made
    }
  }
  const last = path.at(-1) ?? ''
  const before = table[last]
  table[last] = value
  return before
}

/** containerd refuses `mirrors` beside `config_path`. */
function dropMirrors(root: Table, path: readonly string[]): void {
  let table: unknown = root
  for (const key of path.slice(0, -1)) table = isTable(table) ? table[key] : undefined
  if (isTable(table)) delete table['mirrors']
}

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value)
