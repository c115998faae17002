import { createHash } from 'node:crypto'
import { TsplayError } from '../model/errors.ts'
import { quote } from '../model/quote.ts'
import type { SessionResult } from './session.ts'
import { recordsFolder } from './step-records.ts'

export interface DetachedStep {
  /** Letters, digits, `.`, `_`, `-`; 100 at most. The same step has the same id in the next run. */
  readonly id: string
  readonly script: string
  /** After it the step is sent TERM and, 10 s later, KILL; its code is then 124. */
  readonly limitSeconds: number
  /** Whether what comes on standard input is the step's; else it has none. */
  readonly hasStdin: boolean
}

/**
 * Runs the step: `$1` its record, `$2` limit, `$3` script, `$4` umask, `$5` folder. A record holds the logs `out` and `err`, `pid`
 * (with the start time, so that a reused number is not taken for it), `what` (digest of the script) and `code`. That is
 * blank until the step has ended, and overwritten in place: a step that filled the disk still gets its result kept.
 */
const runner = `cd / ; r=$1
since() { IFS= read -r l <"/proc/$1/stat" && l=\${l##*) } && set -- $l && printf %s "\${20}"; }
printf '%s %s\\n' "$$" "$(since "$$" 2>/dev/null)" >"$r/pid.new" && mv -f "$r/pid.new" "$r/pid" || exit
exec 3<&0
( umask "$4"; cd "$5"; exec setsid sh -c "$3" ) <&3 3<&- >"$r/out" 2>"$r/err" &
p=$!
exec 3<&- </dev/null
( s=; trap 'kill $s; exit' TERM; sleep "$2" & s=$!; wait "$s"
: >"$r/late"; kill -TERM "-$p"; sleep 10 & s=$!; wait "$s"; kill -KILL "-$p" ) >/dev/null 2>&1 &
w=$!
wait "$p"; n=$?
kill "$w" 2>/dev/null
[ -e "$r/late" ] && n=124
printf '%-4s' "$n" 1<>"$r/code"`

/** Sets `r` to the record, and makes what both texts need. */
const head = (id: string) => {
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(id) || /^\.+$/.test(id)) {
    throw new TsplayError('INTERNAL', `\`${id}\` can not name a detached step`)
  }
  return `M=$(umask); umask 077
${recordsFolder}
r=$S/${id}
fail() { printf 'tsplay: %s\\n' "$1" >&2; exit 1; }
since() { IFS= read -r l <"/proc/$1/stat" && l=\${l##*) } && set -- $l && printf %s "\${20}"; }
# Whether the record's step still runs. One that has just been made may not have its process yet.
alive() {
  j=0
  until [ -f "$r/pid" ] || [ "$j" -ge 50 ] || [ ! -d "$r" ]; do j=$((j+1)); sleep 0.1 2>/dev/null || { sleep 1; j=$((j+9)); }; done
  read -r a b <"$r/pid" || return 1
  if [ -d /proc/self ]; then [ "$(since "$a" 2>/dev/null)" = "$b" ]; else kill -s 0 "$a"; fi
} 2>/dev/null
# Shows both logs as they grow until the step has ended; gives up after $1 seconds. Sets c to its code, or to \`gone\`.
# cat goes on where it stopped, since the shell keeps the file open.
follow() {
  c= k=0 e=$(($(date +%s)+$1))
  exec 5<"$r/out" 6<"$r/err" 7<"$r/code"
  while :; do
    ended || alive || ended || c=gone
    cat <&5 && cat <&6 >&2 || exit 141
    [ -z "$c" ] || break
    k=$((k+1))
    [ $((k%50)) != 0 ] || [ "$(date +%s)" -lt "$e" ] || { printf 'tsplay: the detached step %s still runs\n' ${id} >&2; exit 124; }
    if [ "$k" -lt 20 ]; then sleep 0.05; else sleep 0.2; fi 2>/dev/null || sleep 1
  done
  exec 5<&- 6<&- 7<&-
}
# Another run may have taken the result meanwhile, and the record with it: our open file still has the code.
ended() { if [ -d "$r" ]; then read -r c <"$r/code"; else read -r c <&7; fi 2>/dev/null; [ -n "$c" ]; }
# Gives the step's result, once.
take() {
  rm -rf -- "$r"
  [ "$c" != gone ] || { printf 'tsplay: the detached step %s was killed before it could say how it ended\n' ${id} >&2; c=137; }
  exit "$c"
}`
}

/**
 * POSIX text that runs a step in a session of its own, which outlives the link, the session's shell and the controller;
 * shows its output as it comes; and exits with its code. Where the same step still runs since an earlier run, or its
 * result was not taken, that is waited for and taken instead. One whose script differs is waited for and forgotten. The
 * step's input is only ever in a file without a name.
 */
export function detachedScript({ id, script, limitSeconds, hasStdin }: DetachedStep): string {
  const digest = createHash('sha256').update(script).digest('hex')
  const input = hasStdin
    ? `exec 4>"$r/in" 5<"$r/in" && rm -f -- "$r/in" && cat >&4 || { rm -rf -- "$r"; fail "its input can not be kept in $S"; }
exec 4>&-`
    : 'exec 5</dev/null'
  return `(
${head(id)}
command -v setsid >/dev/null 2>&1 || fail 'a step that is to finish on its own needs the setsid command'
if [ -f "$r/code" ] && { [ -f "$r/pid" ] || alive; }; then
  read -r w 2>/dev/null <"$r/what"
  if [ "$w" = ${digest} ]; then
    follow ${limitSeconds + 60}
    [ "$c" = gone ] || take
  else
    printf 'tsplay: an earlier step of the same name is waited for\n' >&2
    follow ${limitSeconds + 60} >/dev/null 2>&1
  fi
fi
rm -rf -- "$r"
mkdir -p "$S" && mkdir "$r" && printf '%s\n' ${digest} >"$r/what" && : >"$r/out" && : >"$r/err" && printf '    \\n' >"$r/code" || fail "no record can be made in $S"
${input}
setsid sh -c ${quote(runner)} tsplay "$r" ${limitSeconds} ${quote(script)} "$M" "$PWD" <&5 >/dev/null 2>&1 &
exec 5<&-
follow ${limitSeconds + 60}
take
)`
}

/** Whether what {@link awaitDetachedScript} ended with says that it gave up, which a step's own code may look like. */
export const stillRuns = (id: string, { code, stderr }: Pick<SessionResult, 'code' | 'stderr'>): boolean =>
  code === 124 && stderr.toString().endsWith(`tsplay: the detached step ${id} still runs\n`)

/**
 * POSIX text that waits for a detached step of an earlier run, shows its output, and exits with its code: 124 when it
 * still runs after `limitSeconds`, 137 when it was killed, 0 with a word on the error stream when there is none.
 */
export const awaitDetachedScript = (id: string, limitSeconds: number): string => `(
${head(id)}
[ -d "$r" ] || { printf 'tsplay: there is no detached step %s\n' ${id} >&2; exit 0; }
[ -f "$r/code" ] || { rm -rf -- "$r"; exit 137; }
follow ${limitSeconds}
take
)`
