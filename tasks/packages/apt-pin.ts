import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'

export interface AptPinOptions {
  /** Names the file: `/etc/apt/preferences.d/NAME.pref`. */
  readonly name: string
  /** Names of packages, with `*` and `?`, or `*` for all of them. Needed unless it is to be absent. */
  readonly packages?: string | readonly string[]
  /**
   * Which of their versions: `version 1.27.*`, `release n=bookworm-backports`, `origin "packages.example.org"`. Needed unless
   * it is to be absent.
   */
  readonly pin?: string
  /**
   * As apt_preferences(5) has it: from 1000 a version is installed even if it is older, from 990 before those of other
   * releases, from 500 where nothing newer is, from 100 only where it is installed or asked for, below 0 never. Needed
   * unless it is to be absent.
   */
  readonly priority?: number
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

/**
 * Which versions of packages apt prefers, or refuses (apt_preferences(5)), in a file of its own, which is root's and of mode
 * 0644. Nothing is installed by it: see `packages`.
 * @example
 * await host.ensure(aptPin({ name: 'backports', packages: '*', pin: 'release n=bookworm-backports', priority: 100 }))
 * await host.ensure(aptPin({ name: 'nginx', packages: 'nginx*', pin: 'version 1.27.*', priority: 1001 }))
 */
export function aptPin(options: AptPinOptions): Resource<{ readonly path: string }> {
  const { name, packages = [], pin = '', priority, state = 'present' } = options
  const refuse = (why: string, hint?: string) =>
    new TsplayError('OPTIONS', `aptPin ${certain(name).slice(0, 80)}: ${why}`, hint === undefined ? {} : { hint })
  // apt passes other names by, without a word.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{0,200}$/.test(certain(name)))
    throw refuse('can not name a file', 'letters, digits, "_" and "-"')
  const path = `/etc/apt/preferences.d/${name}.pref`
  if (state === 'absent') return absent({ path })
  const names = [packages].flat()
  if (names.length === 0) throw refuse('packages are needed')
  for (const word of names) {
    if (!/^(?!-)[A-Za-z0-9*?.+:~-]{1,200}$/.test(certain(word)))
      throw refuse(`${JSON.stringify(word.slice(0, 80))} is no name of a package`)
  }
  if (!/^(?:version|release|origin) [\x21-\x7e](?:[\x20-\x7e]{0,500}[\x21-\x7e])?$/.test(certain(pin))) {
    throw refuse(`${JSON.stringify(pin.slice(0, 80))} is no pin`, 'version, release or origin, and which')
  }
  // Zero has no defined meaning.
  if (priority === undefined || !Number.isInteger(priority) || priority === 0 || Math.abs(priority) > 32_767)
    throw refuse('priority has to be a whole number, and not 0')
  const content = `Package: ${names.join(' ')}\nPin: ${pin}\nPin-Priority: ${priority}\n`
  return file({ path, content, mode: '0644', owner: 0, group: 0 })
}
