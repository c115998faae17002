import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { certain } from '../../runner/model/unknown.ts'

/** What changes accounts on a host: the shadow suite, or nothing that is known here (busybox's own programs). */
export type AccountTools = 'shadow' | 'none'

/** Asks whether the shadow suite's programs are there. No process on the host. */
export const accountToolsProbe = typed('account-tools', (): Probe<AccountTools> => ({
  fact: 'account-tools',
  // Their place is not on the path of every user that sudo leads from.
  script: `(PATH=$PATH:/usr/sbin:/sbin;command -v usermod>/dev/null&&echo shadow)`,
  parse: (raw) => (raw.trim() === 'shadow' ? 'shadow' : 'none'),
  absent: (answer) => answer === 'none',
}))

/** The changes, where the host can make them; else throws, in check mode too, with what to install. */
export function changeable(what: string, changes: readonly Change[], tools: AccountTools): readonly Change[] {
  if (changes.length === 0 || certain(tools) === 'shadow') return changes
  throw new TsplayError('COMMAND', `${what}: groupadd, useradd and their kin are not installed on this host`, {
    hint: 'install the package shadow (Alpine), passwd (Debian) or shadow-utils (Fedora) first',
  })
}
