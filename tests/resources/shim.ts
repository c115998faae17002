import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** The folder of shims inside a place. */
export const shimFolder = '/tsplay-shim'

/** Programs that run others, which are counted too. */
const wrappers = 'sh|env|nohup|setsid|setpriv|su|timeout|nice|flock|xargs'

/**
 * Nothing is changed by a wait: to be killed in it is to be killed before what comes next. The session's own, which may begin
 * between any two programs of a step, would shift the count from run to run, so that some n would be passed over.
 */
const uncounted = 'sleep'

/**
 * Whoever follows a step that finishes on its own reads its two logs again and again, as often as time has it. Each is
 * counted when it is first read: to be killed at a later look leaves what is left by the first, or by what follows the last.
 */
const lookedAgain = `for log in /run/tsplay/steps/*/out /run/tsplay/steps/*/err;do
[ "$name" = cat ]&&[ /proc/self/fd/0 -ef "$log" ]||continue
[ -e "${shimFolder}/.read-\${log##*/}" ]&&return;: >"${shimFolder}/.read-\${log##*/}"
done`

/**
 * Programs of different sessions run at the same time, in whatever order: each session has a count of its own. The second one is
 * the step's own; what comes in the first only starts it, and has its place in the same count.
 */
export const firstLane = 1

/** The counting is done by built-ins alone: a shim starts nothing but the program it stands for. */
const shim = `#!/bin/sh
name=\${0##*/}
rest=\${PATH%%${shimFolder}*}\${PATH#*${shimFolder}:}
count() {
${lookedAgain}
read -r limit wanted <${shimFolder}/.armed
read -r _ _ _ _ _ session _ </proc/self/stat
lane=0
while read -r seen&&[ "$seen" != "$session" ];do lane=$((lane+1));done <${shimFolder}/.sessions
[ "$seen" = "$session" ]||echo "$session" >>${shimFolder}/.sessions
[ "$lane" != 0 ]||lane=1
[ "$lane" = "$wanted" ]||return
echo "$name" >>${shimFolder}/.count
n=0;while read -r _;do n=$((n+1));done <${shimFolder}/.count
if [ "$n" -ge "$limit" ]&&[ ! -e ${shimFolder}/.killed ];then echo killed >${shimFolder}/.killed;kill -9 0;fi
}
[ ! -e ${shimFolder}/.armed ]||count
whole=$PATH
PATH=$rest
real=$(command -v "$name")
case $name in ${wrappers})PATH=$whole;;esac
exec "$real" "$@"
`

/**
 * Puts a shim before every program of a place: once armed, it kills the process group of the n-th one that is started. Others
 * go on, as they would: those of a step that is to finish on its own, and of one that does not see what was killed.
 */
export async function installShims(place: Place): Promise<void> {
  const folder = join(place.tree, shimFolder)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '.shim'), shim)
  chmodSync(join(folder, '.shim'), 0o755)
  chmodSync(folder, 0o777)
  await place.inside(`cd ${shimFolder}
for f in /bin/* /sbin/* /usr/bin/* /usr/sbin/*;do n=\${f##*/};[ -e "./$n" ]||[ "$n" = '[' ]||[ "$n" = '[[' ]||ln -s .shim "./$n";done
rm -f ./${uncounted}`)
}

/** The next n-th program of a lane is killed. */
export function arm(place: Place, n: number, lane: number): void {
  writeFileSync(join(place.tree, shimFolder, '.sessions'), '', { flag: 'a' })
  writeFileSync(join(place.tree, shimFolder, '.armed'), `${n} ${lane}\n`)
}

export interface Shot {
  readonly killed: boolean
  /** The programs of that lane, in order. */
  readonly started: readonly string[]
  /** How many lanes there were. */
  readonly lanes: number
}

/** Lets all programs live, and tells what came of the kill. */
export function disarm(place: Place): Shot {
  const at = (name: string) => join(place.tree, shimFolder, name)
  const lines = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').split('\n').slice(0, -1) : [])
  const shot = { killed: existsSync(at('.killed')), started: lines('.count'), lanes: lines('.sessions').length - 1 }
  for (const name of ['.armed', '.count', '.killed', '.sessions', '.read-out', '.read-err'])
    rmSync(at(name), { force: true })
  return shot
}
