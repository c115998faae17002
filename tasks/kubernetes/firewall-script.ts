import { chainPattern } from './leftovers.ts'

/**
 * Shell function `own_chains PROGRAM` that takes Kubernetes' own chains out of a firewall, and the rules that lead into
 * them: each table at once or not at all, by `iptables-restore --noflush`. No other rule, chain or policy is touched, so
 * that a host whose INPUT policy is DROP stays reachable.
 */
export const ownChains = `own_chains() {
$1-save 2>/dev/null|awk '
function flush() {
if (n + r == 0) return
print table
for (i = 0; i < r; i++) print rules[i]
for (i = 0; i < n; i++) print "-F " names[i]
for (i = 0; i < n; i++) print "-X " names[i]
print "COMMIT"
}
/^\\*/ { table = $0; n = 0; r = 0; split("", names); split("", rules) }
/^:/ { name = substr($1, 2); if (name ~ /^${chainPattern}/) names[n++] = name }
/^-A / {
if ($2 ~ /^${chainPattern}/) next
for (i = 3; i < NF; i++) if (($i == "-j" || $i == "-g") && $(i + 1) ~ /^${chainPattern}/) { sub(/^-A /, "-D "); rules[r++] = $0; break }
}
/^COMMIT/ { flush() }' >"$t"
[ -s "$t" ]||return 0
$1-restore --noflush <"$t"
}`
