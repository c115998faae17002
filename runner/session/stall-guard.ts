/**
 * POSIX text that ends the process `p` once `measure` has printed the same for a minute or two: behind a frozen link
 * it would wait for ever, and the other end may be long gone. Sets `g`, to be ended by USR2, which nobody traps, when
 * `p` has ended. It sleeps a second at a time, since whatever ends it leaves its last sleep to end by itself.
 */
export const stallGuard = (measure: string): string => `( k=0 s=
while sleep 1; do
  k=$((k+1)); [ "$k" -ge 60 ] || continue
  k=0 l=$s; s=$(${measure}) || exit; [ "$s" != "$l" ] || { kill "$p"; exit; }
done
) >/dev/null 2>&1 </dev/null &
g=$!`
