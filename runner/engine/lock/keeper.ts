import { recordsFolder } from '../../session/step-records.ts'
import { quote } from '../../model/quote.ts'

/** Who holds a lock, as it stands among the arguments of its keeper: words without spaces. */
export interface LockHolder {
  /** The id of the run. */
  readonly run: string
  /** `user@machine` that started it. */
  readonly who: string
  /** When it was begun, by that machine's clock; only ever shown. */
  readonly since: string
}

/** The word by which a keeper is known in a process list. */
const title = 'tsplay-lock'

/**
 * The keeper: a process that holds the lock, flock(2) on descriptor 9, for as long as the session's shell lives (`$4`, told
 * from another process of that number by its start time) or until that sends USR1, and for as long as a step that
 * finishes on its own is under way. So what was killed, cut off or switched off holds nothing, and no clock is asked.
 */
const keeper = `cd /
start() { s=; IFS= read -r l <"/proc/$1/stat" && l=\${l##*) } && set -- $l && [ "$1" != Z ] && s=\${20}; }
alive() { if [ -d /proc/self ]; then start "$1"; [ -n "$s" ] && [ "$s" = "$2" ]; else kill -s 0 "$1"; fi; }
nap() { sleep 2 9<&- & wait "$!"; kill "$!"; }
trap g=1 USR1; trap 'kill "$!"; exit' TERM
start "$4"; b=$s
while [ -z "$g" ] && alive "$4" "$b"; do nap; done
${recordsFolder}
step() { for r in "$S"/*/; do n=; read -r n <"$r/code"; [ -z "$n" ] && read -r p c <"$r/pid" && alive "$p" "$c" && return; done; return 1; }
while step; do nap; done`

/** Tries once: says \`held PID\` and becomes the keeper, or \`busy\`, or \`none\` where the host has no flock(1). */
const attempt = `e=$(flock -n 9 2>&1); c=$?
[ "$c" = 0 ] || { [ "$c" = 1 ] && [ -z "$e" ] && echo busy || echo none; exit; }
echo "held $$"
exec sh -c "$1" ${title} "$2" "$3" "$4" "$5" "$6" "$$" >/dev/null`

/**
 * Shell functions. `tsp_lock RUN WHO SINCE SHELL SECONDS PATH` takes the lock on a path for a run, for which it tries for so
 * many seconds, and says how that ended on its last line: `held PID`, `ours PID` where another session of the run has it,
 * `none` where there can be none, or `busy PID RUN WHO SINCE`, which is false.
 */
export const lockLibrary = `tsp_setsid=; command -v setsid >/dev/null 2>&1 && tsp_setsid=setsid
tsp_holder() {
for tsp_f in $(grep -ls ${title} /proc/[0-9]*/cmdline 2>/dev/null); do
set -- "$tsp_p" $(tr '\\0' '\\n' <"$tsp_f" 2>/dev/null | sed -n '/^${title}$/,$p')
if [ "$#" = 8 ] && [ "$7" = "$1" ]; then echo "$8 $3 $4 $5"; return; fi
done
}
tsp_lock() {
tsp_i=0 tsp_p=$6
if [ -z "$tsp_p" ]; then tsp_p=/; [ -d /run ] && [ -r /run ] && tsp_p=/run; fi
while :; do
tsp_v=$($tsp_setsid sh -c ${quote(attempt)} ${title}-attempt ${quote(keeper)} "$1" "$2" "$3" "$4" "$tsp_p" 9<"$tsp_p" </dev/null 2>/dev/null &)
[ "$tsp_v" = busy ] || { echo "\${tsp_v:-none}"; return 0; }
tsp_h=$(tsp_holder)
case $tsp_h in *" $1 "*) echo "ours $tsp_h"; return 0;; esac
if [ "$tsp_i" = 0 ] || [ "$tsp_i" -ge "$5" ]; then echo "busy $tsp_h"; fi
[ "$tsp_i" -lt "$5" ] || return 1
tsp_i=$((tsp_i+1)); sleep 1
done
}`

/** Shell text that says `lost` unless the keeper still lives, and is not only waiting to be buried; it costs no process. */
export const keptTest = (keeperPid: number): string =>
  `[ ! -d /proc/self ] || { IFS= read -r tsp_l </proc/${keeperPid}/stat && case $tsp_l in *') Z '*) false;; esac; } 2>/dev/null || {
echo lost; mark end; exit 0; }`

/** Shell text that takes the lock for a session whose shell is the process `shell`. */
export const takeCall = (holder: LockHolder, shell: number, seconds: number, path: string): string =>
  `tsp_lock ${[holder.run, holder.who, holder.since, shell, seconds, path].map(quote).join(' ')} || { mark end; exit 0; }`
