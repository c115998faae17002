/** What is locked by whoever installs packages: by fcntl(2), or by a file that holds the process's number. */
export interface PackageLocks {
  readonly files: readonly string[]
  readonly pidFiles?: readonly string[]
}

/**
 * Shell text of `lock_free`, which waits until nobody holds one of the locks, and says who does. Package managers wait
 * for some of them by themselves, but not for all, and not all say for whom. /proc/locks has
 * `1: POSIX ADVISORY WRITE 812 00:1f:1234 0 EOF` (proc(5)).
 */
export const lockWait = ({ files, pidFiles = [] }: PackageLocks, limitMs: number): string => `named() {
if [ -r "/proc/$1/comm" ];then read -r who <"/proc/$1/comm";echo "$who (process $1)";else return 1;fi
}
holder() {
for f in ${files.join(' ')};do
i=$(stat -c %i "$f" 2>/dev/null)||continue
while read -r _ _ _ kind pid at _;do
case "$kind $at" in WRITE\\ *:"$i")if named "$pid";then return 0;fi;;esac
done </proc/locks
done
${pidFiles.length === 0 ? '' : `for f in ${pidFiles.join(' ')};do if [ -s "$f" ]&&named "$(cat "$f")";then return 0;fi;done\n`}return 1
}
lock_free() {
w=0
while h=$(holder);do
if [ $w -ge ${Math.ceil(limitMs / 1000)} ];then
echo "the package database is locked by $h, for more than ${Math.ceil(limitMs / 1000)} s" >&2
exit 75
fi
if [ $((w%10)) = 0 ];then echo "waiting for the package database, which is locked by $h";fi
w=$((w+1));sleep 1
done
}`

/** Package managers say as much of somebody else's lock. */
export const onlyRoot = `[ "$(id -u)" = 0 ]||{ echo 'only root can change packages: let the play become root' >&2;exit 77; }`
