import { TsplayError } from '../../runner/model/errors.ts'
import { packageName } from '../../runner/model/facts-of/package.ts'
import { certain } from '../../runner/model/unknown.ts'

/** `name` or `name=version`. */
export interface PackageSpec {
  readonly name: string
  /** May hold `*`, which stands for anything. */
  readonly version: string | undefined
}

/** Reads names with their versions. Throws `TsplayError('OPTIONS')` on what is neither, and on a name given twice. */
export function packageSpecs(names: string | readonly string[]): PackageSpec[] {
  const specs = (typeof names === 'string' ? [names] : names).map(spec)
  const twice = specs.find(({ name }, i) => specs.findIndex((other) => other.name === name) !== i)
  if (twice) throw new TsplayError('OPTIONS', `packages: ${twice.name} is named twice`)
  return specs
}

function spec(text: string): PackageSpec {
  const at = certain(text).indexOf('=')
  if (at < 0) return { name: packageName(text), version: undefined }
  const version = text.slice(at + 1)
  if (!/^[A-Za-z0-9*][A-Za-z0-9.+:~^_*-]*$/.test(version)) {
    throw new TsplayError('OPTIONS', `packages: ${JSON.stringify(version)} is no version`, {
      hint: 'write it whole, as apt-cache madison or dnf repoquery shows it: containerd=1.6.20~ds1-1+b1, or with a *: kubeadm=1.31.*',
    })
  }
  return { name: packageName(text.slice(0, at)), version }
}

/** Whether an installed version is one that was asked for: the same, or one that its `*` stands for. */
export function versionMatches(wanted: string, version: string): boolean {
  if (wanted === version) return true
  const pattern = wanted.split('*').map((part) => part.replaceAll(/[.+^]/g, '\\$&'))
  return pattern.length > 1 && new RegExp(`^${pattern.join('.*')}$`).test(version)
}
