import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { typed } from '../typed-question.ts'
import { certain } from '../unknown.ts'
import { unclear } from './unclear.ts'

/** A kernel module, now and at boot. */
export interface ModuleState {
  readonly loaded: 'loaded' | 'built-in' | 'no'
  /** Files that have it loaded at boot (modules-load.d(5)), in their order. */
  readonly listedIn: readonly string[]
}

/** A module's name as the kernel has it: `-` and `_` are the same. Throws `TsplayError('OPTIONS')`. */
export function moduleName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/.test(certain(name))) return name.replaceAll('-', '_')
  throw new TsplayError('OPTIONS', `${JSON.stringify(name)} can not be the name of a kernel module`)
}

/** The fact's id of a kernel module. */
export const moduleFact = (name: string): string => `module:${moduleName(name)}`

/**
 * `module_facts LABEL 'NAME PATTERN' …` tells of modules by one grep; one without a label is not marked. PATTERN is the name as files may write it, with `[-_]` for `_`, as a regular expression and as a pattern of the shell alike.
 *
 * A module without `initstate` in /sys/module is built in. So is one that the kernel's list of built-in ones names, and a
 * file system that there is; and the bridge's where its parameters are there: a container has no /lib/modules of its own.
 */
const library = `module_lines() {
n=$#
while [ $n -gt 0 ];do set -- "$@" -e "(^|[[:space:]/])\${2#* }([[:space:].]|$)";shift 2;n=$((n-2));done
read -r r </proc/sys/kernel/osrelease||r=$(uname -r)
set +f
LC_ALL=C exec grep -E -s -a -H "$@" /proc/modules /proc/filesystems "/lib/modules/$r/modules.builtin" /etc/modules-load.d/*.conf /run/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /lib/modules-load.d/*.conf /etc/modules
} 2>/dev/null
module_facts() {
set -f
z='
' b=$(module_lines "$@")
while [ $# -gt 0 ];do
[ ! "$1" ]||mark "$1"
m=\${2%% *} e=\${2#* } s=no f=
if [ -e /sys/module/$m/initstate ];then s=loaded
elif [ -d /sys/module/$m ]||{ [ $m = br_netfilter ]&&[ -d /proc/sys/net/bridge ];};then s=built-in;fi
IFS=$z
for l in $b;do
IFS=' 	' x=\${l##*:}
case $l in
"/proc/modules:$m "*)s=loaded;;
/proc/modules:*);;
/proc/filesystems:*"	$m"|*/modules.builtin:*/$e.ko*)[ $s = loaded ]||s=built-in;;
/proc/filesystems:*|*/modules.builtin:*);;
*)y=0;for w in $x;do y=$((y+1));done
[ $y = 1 ]&&case $w in $e)f=$f\${l%:*}$z;;esac;;
esac
done
printf '%s\\n%send\\n' $s "$f"
shift 2
done
}`

/** Asks for a module. One process on the host, however many are asked for at once. */
export const moduleProbe = typed('module', (name: string): Probe<ModuleState> => {
  const module = moduleName(name)
  const subject = `'${module} ${module.replaceAll('_', '[-_]')}'`
  return {
    fact: moduleFact(name),
    library,
    together: { call: 'module_facts', subject },
    script: `module_facts '' ${subject}`,
    parse(raw) {
      const loaded = /^(loaded|built-in|no)\n/.exec(raw)?.[1] as ModuleState['loaded'] | undefined
      if (loaded === undefined || !raw.endsWith('end\n')) {
        throw unclear(`kernel module ${name}`, raw)
      }
      const files = [...raw.matchAll(/^\/.+$/gm)].map(([file]) => file)
      // /lib is a link to /usr/lib on merged systems.
      return { loaded, listedIn: [...new Set(files.map((file) => file.replace(/^\/lib\//, '/usr/lib/')))] }
    },
    absent: ({ loaded }) => loaded === 'no',
  }
})
