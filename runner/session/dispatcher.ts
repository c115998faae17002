import { quote } from '../model/quote.ts'
import { pendingScript } from './step-records.ts'

/**
 * Runs one command: `$1` is its mark, `$2` its script. It stays outside the command's process group, so it lives to say
 * how the command ended even when that killed its whole group. TERM is passed on; USR1 asks for KILL.
 * - A signal may come before the command was started (`t`), or before it left our group (the group, else the process).
 * - An interrupted `wait` gives the signal's number, not the command's code: it is asked again, until nothing is left (127).
 * - A group is killed by `kill -NAME -PID`, the one form that dash, bash, busybox and mksh all take.
 * - What a killed command leaves in its group has half a second to follow.
 */
const wrapper = (setsid: 'setsid' | '') => `p= r= t=
k() { i=1; t=$1; [ -n "$p" ] && { ${setsid && 'kill "-$1" "-$p" 2>/dev/null || '}kill -s "$1" "$p" 2>/dev/null; }; }
trap 'k TERM' TERM; trap 'k KILL' USR1; trap i=1 HUP INT QUIT
printf 'S%s %s\\n' "$1" "$$"
exec 3<&0
${setsid} sh -c "$2" <&3 3<&- &
p=$!
exec 3<&- </dev/null
[ -n "$t" ] && k "$t"
while :; do i=; wait "$p"; n=$?; [ "$n" = 127 ] && [ -n "$r" ] && break; r=$n; [ -n "$i" ] || break; done
${
  setsid &&
  `if [ -n "$t" ]; then
  i=0
  while [ "$i" -lt 10 ] && kill -0 "-$p"; do i=$((i+1)); sleep 0.05 || { sleep 1; i=10; }; done
  kill -KILL "-$p"
fi 2>/dev/null`
}
printf '\\nE%s %d\\n' "$1" "$r"
printf '\\nE%s\\n' "$1" >&2`

/**
 * The dispatcher: POSIX text for the standard input of a fresh `/bin/sh`. It reads lines, each a request:
 * `R mark` with a line of script and a line of input after it (both as encodeLine gives them); `P mark lines` with a
 * script of so many lines as it is, which spares the host a process, and a line of input; `G` to run what was given so
 * far, in order; `D` once all results were taken; `K TERM|KILL pid mark`; `L seconds` to prolong its lease;
 * `O pid` for a lock's keeper, which gets USR1 at its end; `W pid mark` to look whether a command's wrapper is still there.
 * One command alone is started by the dispatcher itself, several by a process that waits for each.
 * A wrapper that was killed (`kill -9 $PPID`) can't say how its command ended: `gone` is said in its place, once it is
 * missed.
 * It keeps reading while commands run, so a kill needs no second channel. When its input ends, or its lease runs out,
 * it stops the command that runs and ends.
 *
 * The timer of the lease is ended by USR2, which the dispatcher itself does not trap: a signal just after the fork would
 * be taken by an inherited trap and forgotten. Before it acts it looks whether the dispatcher is still its parent. Where
 * a signal does not wake the shell's `read` (mksh), it goes on to end the dispatcher's children, and the dispatcher.
 *
 * A signal goes only to a process that has the command's mark among its arguments, as far as that can be seen: in a chroot
 * without /proc it can not.
 *
 * It says `<ready> ready <uid> <pid> [pending step …]` on standard output, and `<ready>` on the error stream. That is said
 * from within the last function, since a shell may have read further than the line it executes.
 */
export const dispatcherText = (ready: string): string => `
tsp_p= tsp_lease= tsp_n= tsp_o= tsp_nl='
'
if command -v setsid >/dev/null 2>&1; then tsp_wrapper=${quote(wrapper('setsid'))}
else tsp_wrapper=${quote(wrapper(''))}; fi
case $(command -v printf) in
/*) tsp_bytes() { print -n -- "$1"; } ;;
*) tsp_bytes() { printf %b "$1"; } ;;
esac
tsp_start() {
if [ -n "$3" ]; then tsp_bytes "$3" | sh -c "$tsp_wrapper" tsplay "$1" "$2" &
else sh -c "$tsp_wrapper" tsplay "$1" "$2" </dev/null & fi
}
tsp_batch() {
tsp_w= tsp_t=
trap 'tsp_t=TERM; tsp_forward' TERM; trap 'tsp_t=USR1; tsp_forward' USR1; trap - ALRM
while [ $# -gt 0 ] && [ -z "$tsp_t" ]; do
  tsp_start "$@"; tsp_w=$!
  [ -n "$tsp_t" ] && tsp_forward
  while :; do tsp_i=; wait "$tsp_w"; tsp_e=$?; [ -n "$tsp_i" ] || break; done
  [ "$tsp_e" -le 128 ] || printf '\\nE%s gone\\n' "$1"
  tsp_w=
  shift 3
done
}
tsp_forward() { tsp_i=1; [ -n "$tsp_w" ] && kill -s "$tsp_t" "$tsp_w" 2>/dev/null; }
tsp_owns() {
if [ -d /proc/self ]; then grep -q "$2" "/proc/$1/cmdline"
elif tsp_a=$(ps -o args= -p "$1"); then case $tsp_a in *"$2"*) ;; *) return 1 ;; esac
fi 2>/dev/null
}
tsp_unlease() { [ -n "$tsp_lease" ] && kill -s USR2 "$tsp_lease" 2>/dev/null; tsp_lease=; }
tsp_arm() {
tsp_n=$!
trap '[ "$!" = "$tsp_n" ] || kill "$!"; exit' USR2
exec </dev/null >/dev/null 2>&1
sleep "$1" &
wait "$!"
if read -r tsp_l tsp_l tsp_l tsp_k tsp_l </proc/self/stat; then [ "$tsp_k" = $$ ] || exit; fi
kill -s ALRM $$; sleep 5; kill -s 0 $$ || exit
trap '' TERM USR1
read -r tsp_k </proc/$$/task/$$/children
kill -s TERM $tsp_k; sleep 2; kill -s USR1 $tsp_k; kill -s KILL $$
}
tsp_stop() {
[ -n "$tsp_p" ] || return 0
kill -s TERM "$tsp_p" 2>/dev/null || return 0
( sleep 2; kill -s USR1 "$tsp_p" ) </dev/null >/dev/null 2>&1 &
wait "$tsp_p" 2>/dev/null
}
tsp_release() { [ -n "$tsp_o" ] && tsp_owns "$tsp_o" tsplay-lock && kill -s USR1 "$tsp_o" 2>/dev/null; }
trap : HUP INT QUIT TERM PIPE USR1
trap 'tsp_stop; tsp_release; exit 75' ALRM
tsp_main() {
printf '%s ready %s %s %s\\n' ${ready} "$(id -u)" "$$" "$( ${pendingScript()} )"; printf '%s\\n' ${ready} >&2
while IFS= read -r tsp_l || [ $? -gt 128 ]; do
case $tsp_l in
"R "*) IFS= read -r tsp_s; IFS= read -r tsp_i; set -- "$@" "\${tsp_l#R }" "$(tsp_bytes "$tsp_s")" "$tsp_i" ;;
"P "*) tsp_k=\${tsp_l##* }; tsp_m=\${tsp_l#P }; IFS= read -r tsp_s
  while [ "$tsp_k" -gt 1 ]; do IFS= read -r tsp_i; tsp_s=$tsp_s$tsp_nl$tsp_i; tsp_k=$((tsp_k-1)); done
  IFS= read -r tsp_i; set -- "$@" "\${tsp_m%% *}" "$tsp_s" "$tsp_i" ;;
G) [ -n "$tsp_p" ] && wait "$tsp_p" 2>/dev/null
  if [ $# -eq 3 ]; then tsp_start "$@"; else tsp_batch "$@" & fi
  tsp_p=$!
  set -- ;;
D) [ -n "$tsp_p" ] && wait "$tsp_p" 2>/dev/null; tsp_p= ;;
"K "*) tsp_k=\${tsp_l#K }; tsp_m=\${tsp_k##* }; tsp_g=\${tsp_k%% *}; tsp_k=\${tsp_k#* }; tsp_k=\${tsp_k%% *}
  case $tsp_g in KILL) tsp_g=USR1 ;; esac
  tsp_owns "$tsp_k" "$tsp_m" && kill -s "$tsp_g" "$tsp_k" 2>/dev/null ;;
"W "*) tsp_k=\${tsp_l#W }; tsp_owns "\${tsp_k% *}" "\${tsp_k#* }" || printf '\\nE%s gone\\n' "\${tsp_k#* }" ;;
"O "*) tsp_o=\${tsp_l#O } ;;
"L "*) tsp_unlease; tsp_arm "\${tsp_l#L }" & tsp_lease=$! ;;
esac
done
tsp_unlease
tsp_stop
tsp_release
exit 0
}
tsp_main
`
