/**
 * Shell text of `lock_free`, which waits until nobody holds a lock of dpkg or apt, and says who does. apt-get waits for
 * one of these by itself (DPkg::Lock::Timeout), but not for that of its lists, and dpkg for none. /proc/locks has
 * `1: POSIX ADVISORY WRITE 812 00:1f:1234 0 EOF` (proc(5)).
 */
export const aptLock = (limitMs: number): string => `holder() {
for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock;do
i=$(stat -c %i "$f" 2>/dev/null)||continue
while read -r _ _ _ kind pid at _;do
case "$kind $at" in WRITE\\ *:"$i")
if [ -r "/proc/$pid/comm" ];then read -r who <"/proc/$pid/comm";echo "$who (process $pid)";return 0;fi;;esac
done </proc/locks
done
return 1
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
