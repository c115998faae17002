/**
 * POSIX text that sets `S` to the folder of records of detached steps, for the user that runs it. Root's is emptied by
 * a reboot. Others have no such folder that outlives their logout ($XDG_RUNTIME_DIR does not), so theirs is in the home,
 * by host (homes are shared) and boot.
 */
export const recordsFolder = `if [ "$(id -u)" = 0 ] && [ -d /run ]; then S=/run/tsplay/steps
else S=\${XDG_CACHE_HOME:-$HOME/.cache}/tsplay/steps/$(uname -n)-$(cat /proc/sys/kernel/random/boot_id 2>/dev/null); fi`

/** POSIX text that prints the ids of the detached steps that have a record, each followed by a space. */
export const pendingScript = (): string => `(
${recordsFolder}
for r in "$S"/*/; do [ -d "$r" ] && r=\${r%/} && printf '%s ' "\${r##*/}"; done
:
)`
