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
 * What a module gives that is there without it being in the lists: built into a kernel whose /lib/modules this host does
 * not have, as in a container. A file system is listed by its name.
 */
const given = (module: string): string =>
  `grep -q '[[:space:]]${module}$' /proc/filesystems${module === 'br_netfilter' ? '||[ -d /proc/sys/net/bridge ]' : ''}`

/**
 * Asks for a module: one process on the host where it is loaded as a module, five at most. One without `initstate` in
 * /sys/module is built in.
 */
export const moduleProbe = typed('module', (name: string): Probe<ModuleState> => {
  const module = moduleName(name)
  const either = module.replaceAll('_', '[-_]')
  return {
    fact: moduleFact(name),
    script: `{
m=/sys/module/${module}
if [ -e $m/initstate ]||grep -q '^${module} ' /proc/modules;then echo loaded
elif [ -d $m ]||grep -q '/${either}\\.ko' "/lib/modules/$(uname -r)/modules.builtin"||${given(module)};then echo built-in
else echo no;fi
grep -l '^[[:space:]]*${either}[[:space:]]*$' /etc/modules-load.d/*.conf /run/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /lib/modules-load.d/*.conf /etc/modules
echo end
} 2>/dev/null`,
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
