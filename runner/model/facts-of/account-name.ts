import { TsplayError } from '../errors.ts'
import { certain } from '../unknown.ts'

/**
 * A user's or group's name as it is safe everywhere: letters, digits, `_`, `.`, `-`, an optional final `$`, not digits
 * alone (those would be taken for a number) and no leading dash; 32 at most, as utmp and useradd(8) have it.
 * Throws `TsplayError('OPTIONS')`.
 */
export function accountName(what: 'user' | 'group', name: string): string {
  if (typeof name === 'string' && /^(?!\d+$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}\$?$/.test(certain(name))) return name
  throw new TsplayError('OPTIONS', `${JSON.stringify(name)} can not be the name of a ${what}`, {
    hint: 'a name has letters, digits, "_", "." and "-", does not begin with "-" or ".", is not a number, and has 32 characters at most',
  })
}

/**
 * Shell text that sets `e` to a line of a database of getent(1), or of its file where there is no getent (busybox); to
 * nothing where the name isn't there. The name has to be checked by {@link accountName}.
 */
export const entryScript = (database: 'passwd' | 'group', name: string): string => `e=
if command -v getent >/dev/null;then e=$(getent ${database} '${name}')
else while IFS= read -r l;do case $l in '${name}':*)e=$l;break;;esac;done </etc/${database};fi`
