import type { Change } from '../../runner/model/change.ts'
import { entryScript } from '../../runner/model/facts-of/account-name.ts'
import { secret } from '../../runner/model/secret.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { accountCommand } from './account-command.ts'
import { makesHome, type UserFacts, wantedGroups } from './user-changes.ts'
import type { UserOptions } from './user-options.ts'

/** The steps that make a user as asked: the account itself first, then its home, its password last. */
export function userSteps(options: UserOptions, changes: readonly Change[], facts: UserFacts): ScriptStep[] {
  const { name, state, removeHome } = options
  if (state === 'absent') return [accountCommand('userdel', [...(removeHome ? ['-r'] : []), name])]
  const steps = facts.user === undefined ? [creation(options, facts)] : modification(options, changes)
  if (changes.some(({ field }) => field === 'home directory')) steps.push(homeStep(name))
  return [...steps, ...passwordSteps(options, changes)]
}

function creation(options: UserOptions, { ownGroup }: UserFacts): ScriptStep {
  const { name, uid, group, home, shell, comment, system } = options
  // useradd refuses to make a group that is there already.
  const first = group ?? (ownGroup === undefined ? undefined : name)
  const further = wantedGroups(options, undefined)
  return accountCommand('useradd', [
    ...(system ? ['-r'] : []),
    makesHome(options) ? '-m' : '-M',
    ...words('-u', uid),
    ...words('-g', first),
    ...words('-d', home),
    ...words('-s', shell),
    ...words('-c', comment),
    ...(further.length === 0 ? [] : ['-G', further.join(',')]),
    name,
  ])
}

const words = (flag: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [flag, String(value)]

function modification(options: UserOptions, changes: readonly Change[]): ScriptStep[] {
  const { name, uid, group, groups, home, shell, comment, exclusiveGroups, moveHome } = options
  const differs = (field: string) => changes.some((change) => change.field === field)
  const steps: ScriptStep[] = []
  if (differs('group') && group === undefined) {
    const numbered = changes.find(({ field }) => field === 'group')?.before
    steps.push(accountCommand('groupadd', ['-g', String(numbered), name]))
  }
  const flags = [
    ...(differs('uid') ? words('-u', uid) : []),
    ...(differs('group') ? words('-g', group) : []),
    ...(differs('home') ? [...words('-d', home), ...(moveHome ? ['-m'] : [])] : []),
    ...(differs('shell') ? words('-s', shell) : []),
    ...(differs('comment') ? words('-c', comment) : []),
    ...(differs('groups') && groups !== undefined
      ? [...(exclusiveGroups ? [] : ['-a']), '-G', groups.filter((one) => one !== group).join(',')]
      : []),
  ]
  if (flags.length > 0) steps.push(accountCommand('usermod', [...flags, name]))
  return steps
}

/** HOME_MODE, or 0777 less UMASK, as useradd has it (login.defs(5)). */
const homeMode = `home_mode() {
m=$(sed -n 's/^[[:space:]]*HOME_MODE[[:space:]]*//p' /etc/login.defs 2>/dev/null)
u=$(sed -n 's/^[[:space:]]*UMASK[[:space:]]*//p' /etc/login.defs 2>/dev/null)
if [ "$m" ];then echo "$m";else printf '%o\\n' "$((0777 & ~0\${u:-022}))";fi
}`

/** Makes the home as useradd would, beside its place first, so that a cut leaves no half of it. */
const homeStep = (name: string): ScriptStep => ({
  script: `${homeMode}
${entryScript('passwd', name)}
h=\${e%:*};h=\${h##*:}
[ "$h" ] || exit 1
[ ! -d "$h" ] || exit 0
t=$h.tsplay-new
rm -rf "$t"
mkdir -p "\${h%/*}" && mkdir -m 0700 "$t" || exit 1
if [ -d /etc/skel ];then cp -R -P /etc/skel/. "$t" || exit 1;fi
chown -R -h "$(id -u '${name}'):$(id -g '${name}')" "$t" && chmod "$(home_mode)" "$t" && mv "$t" "$h"`,
})

function passwordSteps({ name, passwordHash, locked }: UserOptions, changes: readonly Change[]): ScriptStep[] {
  const differs = (field: string) => changes.some((change) => change.field === field)
  const steps: ScriptStep[] = []
  const sets = passwordHash !== undefined && differs('password')
  if (sets) {
    steps.push({
      script: 'PATH=$PATH:/usr/sbin:/sbin\nchpasswd -e',
      stdin: secret`${name}:${passwordHash}\n`,
      hint: 'Does the play become root?',
    })
  }
  // Setting a password opens it; so it is locked again.
  if (locked === true && (sets || differs('locked'))) steps.push(accountCommand('usermod', ['-L', name]))
  if (locked === false && differs('locked') && !sets) steps.push(accountCommand('usermod', ['-U', name]))
  return steps
}
