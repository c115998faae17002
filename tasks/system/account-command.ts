import { quote } from '../../runner/model/quote.ts'
import type { ScriptStep } from '../../runner/model/step.ts'

type Tool = 'groupadd' | 'groupdel' | 'groupmod' | 'useradd' | 'userdel' | 'usermod'

/** A step that runs one of the shadow suite's programs; says what to install where the host has none. */
export function accountCommand(tool: Tool, words: readonly string[]): ScriptStep {
  return {
    // Their place is not on the path of every user that sudo leads from.
    script: `PATH=$PATH:/usr/sbin:/sbin
command -v ${tool} >/dev/null||{ echo '${tool} is not installed on this host: it comes with the package passwd, shadow or shadow-utils' >&2;exit 127; }
${tool} ${words.map(quote).join(' ')}`,
    hint: hints[tool],
  }
}

const hints: Readonly<Record<Tool, string>> = {
  groupadd: 'Is the name or number taken? Does the play become root?',
  groupdel: "A user's first group can not be removed before the user.",
  groupmod: 'Is the number taken? Does the play become root?',
  useradd: 'Is the name or number taken? Does the play become root?',
  userdel: 'A user of whom processes run can not be removed: end them first.',
  usermod: 'A user of whom processes run can not be given another number or home: end them first.',
}
