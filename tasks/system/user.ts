import { TsplayError } from '../../runner/model/errors.ts'
import { accountName } from '../../runner/model/facts-of/account-name.ts'
import { authorizedKeysFact, type AuthorizedKeysState } from '../../runner/model/facts-of/authorized-keys.ts'
import { groupProbe } from '../../runner/model/facts-of/group.ts'
import { absolutePath, pathFact } from '../../runner/model/facts-of/path-state.ts'
import { userDefaultsProbe, userProbe } from '../../runner/model/facts-of/user.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { reveal } from '../../runner/model/secret.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { accountToolsProbe } from './account-tools.ts'
import { userAfter } from './user-after.ts'
import { userChanges, type UserFacts } from './user-changes.ts'
import type { UserOptions } from './user-options.ts'
import { userSteps } from './user-steps.ts'

export type { UserOptions } from './user-options.ts'

export interface UserOut {
  readonly name: string
  /** These are `undefined` where the user is absent. */
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly home: string | undefined
}

const definition = resource<UserOptions, UserFacts, UserOut>({
  kind: 'user',
  id: ({ name }) => name,
  validate: check,
  probes: (options) => ({
    user: userProbe(options.name, { password: wantsPassword(options) }),
    ownGroup: groupProbe(options.name),
    defaults: userDefaultsProbe(options.name),
    tools: accountToolsProbe(),
    ...Object.fromEntries(namedGroups(options).map((name) => [`group ${name}`, groupProbe(name)])),
  }),
  diff: userChanges,
  apply: userSteps,
  after: userAfter,
  effects(options, state) {
    if (options.state === 'absent') return []
    const { user } = userAfter(options, state)
    const was = unknownReason(state.user) === undefined ? state.user : undefined
    if (user === undefined || unknownReason(user) !== undefined || unknownReason(user.home) !== undefined) return []
    if (unknownReason(user.homeExists) !== undefined || !user.homeExists || (was?.homeExists && was.home === user.home))
      return []
    const home = {
      kind: 'directory' as const,
      mode: unknown<string>('HOME_MODE and UMASK of login.defs say it'),
      owner: options.name,
      group: user.group,
      uid: user.uid,
      gid: user.gid,
    }
    const keys: AuthorizedKeysState = {
      home: user.home,
      uid: user.uid,
      gid: user.gid,
      folder: undefined,
      file: undefined,
    }
    return [
      { fact: pathFact(user.home), value: home },
      ...(was === undefined ? [{ fact: authorizedKeysFact(options.name), value: keys }] : []),
    ]
  },
  out: ({ name }, { user }) => ({ name, uid: user?.uid, gid: user?.gid, home: user?.home }),
})

const wantsPassword = ({ passwordHash, locked, state }: UserOptions) =>
  state !== 'absent' && (passwordHash !== undefined || locked !== undefined)

const namedGroups = ({ name, group, groups = [], state }: UserOptions): string[] =>
  state === 'absent' ? [] : [...groups, ...(typeof group === 'string' && group !== name ? [group] : [])]

function check(options: UserOptions): void {
  const what = `user ${accountName('user', options.name)}`
  const wrong = (message: string, hint?: string) =>
    new TsplayError('OPTIONS', `${what}: ${message}`, hint === undefined ? {} : { hint })
  for (const id of [options.uid, typeof options.group === 'number' ? options.group : undefined]) {
    if (id !== undefined && !(Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1))
      throw wrong(`${id} is no uid or gid`)
  }
  for (const group of namedGroups(options)) accountName('group', group)
  if (options.state === 'absent' && (options.name === 'root' || options.uid === 0))
    throw wrong('root can not be removed')
  if (options.home !== undefined) absolutePath(options.home)
  for (const field of ['home', 'shell', 'comment'] as const) {
    const text = options[field]
    if (text === undefined) continue
    if (/[:\x00-\x1f\x7f]/.test(certain(text)))
      throw wrong(`${field} can hold neither ":" nor control characters, line breaks included (passwd(5))`)
  }
  if (options.shell !== undefined && !options.shell.startsWith('/')) throw wrong('shell has to be an absolute path')
  if (options.passwordHash === undefined) return
  const hash = reveal(options.passwordHash)
  if (/[:\n\0]/.test(hash) || !/^!?\$[^$]+\$.+$/.test(hash)) {
    throw wrong('passwordHash is no hash', 'make one with: mkpasswd -m yescrypt, or openssl passwd -6')
  }
  if (hash.startsWith('!')) throw wrong('passwordHash begins with "!"', 'give the hash alone, and locked: true')
}

/**
 * A user. What is not asked for stays as it is: shell, comment, further groups. The password's hash reaches the host on
 * standard input alone. Groups have to exist, and are made with `group()`.
 * @example
 * const { home } = await host.ensure(user({ name: 'deploy', groups: ['sudo'], shell: '/bin/bash' }))
 */
export const user = (options: UserOptions): Resource<UserOut> =>
  definition(options.home === undefined ? options : { ...options, home: absolutePath(options.home) })
