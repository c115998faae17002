import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import type { PathState } from '../../../runner/model/facts-of/path-state.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { Step } from '../../../runner/model/step.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from '../owned-file.ts'
import { settingsText, type SshdValues } from './settings-text.ts'
import { type SshdState, sshdProbe } from './sshd-state.ts'

export type { SshdValue, SshdValues } from './settings-text.ts'

export interface SshdSettingsOptions {
  /**
   * Names the file: `/etc/ssh/sshd_config.d/NAME.conf`. Of a keyword that several files have, the first one counts, in the
   * order of their names; so begin it with a low number.
   */
  readonly name: string
  /**
   * By the keywords of sshd_config(5): `{ PasswordAuthentication: false, AllowGroups: ['ssh', 'ops'] }`. `true` and `false`
   * are `yes` and `no`; a list is one line with blanks between its words. Needed unless it is to be absent.
   */
  readonly settings?: SshdValues
  /** For whom they count: `Group sftp`, `User deploy Address 10.0.0.0/8`. @default everybody */
  readonly match?: string
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

interface Wanted {
  readonly name: string
  readonly path: string
  /** `undefined`: the file is not to be there. */
  readonly content: string | undefined
  /** What can be asked of sshd: settings for everybody, of keywords that count once. */
  readonly comparable: string
}

interface State {
  readonly file: PathState
  readonly sshd: SshdState
}

const whatOf = ({ name }: Wanted) => `sshd settings ${name}`

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'sshd-settings',
  id: ({ name }) => name,
  probes: ({ path, comparable }) => ({
    file: pathProbe(path, { content: 'always' }),
    sshd: sshdProbe(path, comparable),
  }),
  diff(wanted, { file, sshd }): Change[] {
    const changes = ownedFile(whatOf(wanted), wanted.path, file, wanted.content)
    if (wanted.content === undefined) return changes
    const { installed, included, overruled } = certain(sshd)
    if (!installed) {
      throw new TsplayError('COMMAND', `${whatOf(wanted)}: there is no sshd on this host`, {
        hint: 'install openssh-server first',
      })
    }
    if (!included) {
      throw new TsplayError('COMMAND', `${whatOf(wanted)}: /etc/ssh/sshd_config does not include sshd_config.d`, {
        hint: "let it: await host.ensure(line({ path: '/etc/ssh/sshd_config', line: 'Include /etc/ssh/sshd_config.d/*.conf', after: 'start' }))",
      })
    }
    const [first] = certain(overruled)
    if (first === undefined) return changes
    throw new TsplayError(
      'COMMAND',
      `${whatOf(wanted)}: ${first.keyword} is set otherwise in ${first.by}, which comes first`,
      {
        hint: 'of several files the first one counts, by name: choose a name that comes before it',
      },
    )
  },
  apply({ path, content }): Step[] {
    if (content === undefined) return [{ script: `rm -f ${quote(path)}` }]
    return [{ upload: content, to: path, mode: '0600', validate: sshdTest }]
  },
  after({ content }, { file, sshd }) {
    if (content === undefined) return { file: { kind: 'absent' }, sshd }
    return { file: fileAfter(file, content), sshd }
  },
  out: ({ path }) => ({ path }),
})

function fileAfter(file: PathState, content: string): PathState {
  const after = ownedFileAfter(file, content)
  return after === file || after.kind === 'link' || after.kind === 'absent' ? after : { ...after, mode: '0600' }
}

/** It judges the words of the new file; a host key that can't be read is another matter. */
const sshdTest = 'PATH=$PATH:/usr/sbin:/sbin;"$(command -v sshd)" -t -f %s'

/**
 * Settings of the SSH server, in a file of their own in `/etc/ssh/sshd_config.d`, which is root's and of mode 0600. sshd has
 * to accept it (`sshd -t`) before it takes its place, so that a slip can't lock everybody out, and is asked afterwards
 * (`sshd -T`) whether the settings count: where another file sets one of them first, that is an error which names it.
 * Sessions that are open stay; new ones go by it once sshd is reloaded.
 * @example
 * const settings = { PermitRootLogin: 'prohibit-password', PasswordAuthentication: false, MaxAuthTries: 3 }
 * await host.ensure(sshdSettings({ name: '00-hardening', settings }), { onChange: reload('ssh') })
 * await host.ensure(
 *   sshdSettings({ name: '90-sftp', match: 'Group sftp', settings: { ForceCommand: 'internal-sftp', AllowTcpForwarding: false } }),
 *   { onChange: reload('ssh') },
 * )
 */
export function sshdSettings(options: SshdSettingsOptions): Resource<{ readonly path: string }> {
  const { name, settings, match, state = 'present' } = options
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `sshd settings: ${JSON.stringify(name.slice(0, 80))} can not name a file`)
  }
  const path = `/etc/ssh/sshd_config.d/${name}.conf`
  if (state === 'absent') return definition({ name, path, content: undefined, comparable: '' })
  const { content, comparable } = settingsText(`sshd settings ${name}`, settings ?? {}, match)
  return definition({ name, path, content, comparable })
}
