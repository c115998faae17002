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

/** The counting is done by built-ins alone: a shim starts nothing but the program it stands for. */
const shim = `#!/bin/sh
name=\${0##*/}
rest=\${PATH%%${shimFolder}*}\${PATH#*${shimFolder}:}
if [ -e ${shimFolder}/.armed ];then
read -r limit <${shimFolder}/.armed
echo "$name" >>${shimFolder}/.count
n=0;while read -r _;do n=$((n+1));done <${shimFolder}/.count
if [ "$n" -ge "$limit" ]&&[ ! -e ${shimFolder}/.killed ];then echo killed >${shimFolder}/.killed;kill -9 0;fi
fi
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

/** The next n-th program is killed. */
export function arm(place: Place, n: number): void {
  writeFileSync(join(place.tree, shimFolder, '.armed'), `${n}\n`)
}

/** Lets all programs live, and tells whether one was killed, and which ones were counted. */
export function disarm(place: Place): { readonly killed: boolean; readonly started: readonly string[] } {
  const at = (name: string) => join(place.tree, shimFolder, name)
  const killed = existsSync(at('.killed'))
  const started = existsSync(at('.count')) ? readFileSync(at('.count'), 'utf8').trim().split('\n') : []
  for (const name of ['.armed', '.count', '.killed']) rmSync(at(name), { force: true })
  return { killed, started }
}
