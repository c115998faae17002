import { quote } from '../../../runner/model/quote.ts'
import type { ScriptStep } from '../../../runner/model/step.ts'

const onPath = 'PATH=$PATH:/usr/sbin:/sbin\n'
const hint = 'Does the play become root?'

/**
 * Written in full, since the kernel takes no file with holes, and put in its place once it is formatted. What an earlier
 * cut has left takes room, and goes first.
 */
export const makeFile = (path: string, sizeMib: number): ScriptStep => ({
  script: `${onPath}set -e
p=${quote(path)} d=${quote(path.slice(0, path.lastIndexOf('/') + 1))}
rm -f -- "$d".tsplay-swap.*
umask 077
t=$(mktemp "$d.tsplay-swap.XXXXXX")
trap 'rm -f "$t"' EXIT
trap 'exit 143' TERM INT HUP
if [ "$(stat -f -c %T "$d" 2>/dev/null)" = btrfs ];then chattr +C "$t";fi
e=$(dd if=/dev/zero of="$t" bs=1048576 count=${sizeMib} conv=fsync 2>&1)||{ printf '%s\\n' "$e" >&2;exit 1; }
e=$(mkswap "$t" 2>&1)||{ printf '%s\\n' "$e" >&2;exit 1; }
mv -f "$t" "$p"
if command -v restorecon >/dev/null;then restorecon "$p"||:;fi`,
  timeoutMs: 60 * 60_000,
  hint: 'Is there room for it?',
})

export const formatDevice = (path: string): ScriptStep => ({
  script: `${onPath}mkswap ${quote(path)} >/dev/null`,
  onDisconnect: 'finish',
  hint,
})

export const tighten = (path: string): ScriptStep => ({ script: `chmod 0600 ${quote(path)}`, hint })

export const unmake = (path: string): ScriptStep => ({ script: `rm -f ${quote(path)}`, hint })

export const switchOn = (path: string, priority: number | undefined): ScriptStep => ({
  script: `${onPath}swapon ${priority === undefined ? '' : `-p ${priority} `}${quote(path)}`,
  hint: 'Is this a container, which has no swap of its own? Does its file system carry swap (overlay and tmpfs do not)?',
})

export const switchOff = (path: string): ScriptStep => ({
  script: `${onPath}swapoff ${quote(path)}`,
  onDisconnect: 'finish',
  hint: 'Is there enough free memory to take in what is swapped out?',
})
