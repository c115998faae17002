/**
 * POSIX text that ends the process `p` once `measure` has printed the same for a minute or two: behind a frozen link
 * it would wait for ever, and the other end may be long gone. Sets `g`, to be ended by USR2 (which nothing else traps) when `p` has ended.
 */
export const stallGuard = (measure: string): string => `( q= s=
trap 'kill $q; exit' USR2
while sleep 60 & q=$!; wait "$q"; do l=$s; s=$(${measure}) || exit; [ "$s" != "$l" ] || { kill "$p"; exit; }; done
) >/dev/null 2>&1 </dev/null &
g=$!`
