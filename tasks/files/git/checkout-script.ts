import { quote } from '../../../runner/model/quote.ts'
import { isCommit, type WantedCheckout } from './checkout-options.ts'

/** Left in `.git` while a checkout is made: what lies there half-done is ours, and no change of somebody's. */
const unfinished = '.git/tsplay-unfinished'

/** git asks nobody for anything, and takes no lock for a question. */
const environment = ({ sshKey }: WantedCheckout): string => {
  const ssh = `ssh -o BatchMode=yes${sshKey === undefined ? '' : ` -o IdentitiesOnly=yes -i ${quote(sshKey)}`}`
  return `export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_SSH_COMMAND=${quote(ssh)} LC_ALL=C
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE`
}

/** Says what is checked out, a word and its value a line. */
export const checkoutQuestion = (wanted: WantedCheckout): string => `${environment(wanted)}
if command -v git >/dev/null 2>&1;then
if [ -d ${quote(wanted.path)} ]&&cd ${quote(wanted.path)};then
if [ -e .git ];then
if [ -e ${unfinished} ];then echo unfinished
elif e=$(git rev-parse --git-dir 2>&1 >/dev/null);then
echo "head $(git rev-parse -q --verify HEAD 2>/dev/null)"
echo "origin $(git config --get remote.origin.url)"
git status --porcelain --untracked-files=no 2>/dev/null|cut -c4-|sed 's/^/edited /'
else printf 'problem %s\\n' "$e"
fi
elif [ "$(ls -A)" ];then echo foreign;fi
fi
else echo without-git
fi
echo end`

/** Says which commit a name stands for in the repository. */
export const remoteQuestion = (wanted: WantedCheckout): string => {
  const { repository, revision } = wanted
  const names = revision === 'HEAD' ? ['HEAD'] : [`refs/heads/${revision}`, `refs/tags/${revision}`]
  const patterns = names.flatMap((name) => (name.startsWith('refs/tags/') ? [name, `${name}^{}`] : [name]))
  return `${environment(wanted)}
if command -v git >/dev/null 2>&1;then
if e=$(git ls-remote -- ${[repository, ...patterns].map(quote).join(' ')} 2>&1);then printf '%s\\n' "$e"
else printf 'problem %s\\n' "$e"|head -n 5;fi
else echo without-git
fi
echo end`
}

/** What to ask the repository for, so that the commit comes; all of it where it gives no single commits. */
function fetching({ revision, depth }: WantedCheckout, isTag: boolean): string {
  const all = "git fetch -q --tags origin '+refs/heads/*:refs/remotes/origin/*'"
  if (depth === undefined) return all
  const few = `git fetch -q --depth ${depth} origin`
  if (isCommit(revision)) return `${few} "$h" 2>/dev/null||${all}`
  if (revision === 'HEAD') return `${few} HEAD`
  const ref = isTag
    ? `+refs/tags/${revision}:refs/tags/${revision}`
    : `+refs/heads/${revision}:refs/remotes/origin/${revision}`
  return `${few} ${quote(ref)}`
}

export interface Checkout {
  readonly commit: string
  readonly isTag: boolean
  /** Whether what is there may be thrown away: it is half-done, or the user says so. */
  readonly force: boolean
}

/**
 * Fetches and checks out. Locks that a killed git has left are removed only where it was ours; so a run that is cut is
 * finished by the next one.
 */
export const checkoutScript = (wanted: WantedCheckout, { commit, isTag, force }: Checkout): string => `set -e
${environment(wanted)}
p=${quote(wanted.path)} u=${quote(wanted.repository)} h=${commit}
[ -d "$p" ]||mkdir -- "$p"
cd -- "$p"
mkdir -p .git
if [ -e ${unfinished} ];then find .git -name '*.lock' -exec rm -f {} +;fi
: >${unfinished}
git init -q
git config remote.origin.url "$u"
git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
git cat-file -e "$h^{commit}" 2>/dev/null||{ ${fetching(wanted, isTag)}; }
git cat-file -e "$h^{commit}" 2>/dev/null||{ echo "the repository has no commit $h, or it has moved meanwhile" >&2;exit 1;}
git -c advice.detachedHead=false checkout -q ${force ? '-f ' : ''}--detach "$h"${force ? '\ngit reset -q --hard "$h"' : ''}
rm -f ${unfinished}`
