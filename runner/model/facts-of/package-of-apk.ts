/**
 * Shell text that prints what apk's database (apk-installed of apk's own documents: paragraphs with `P:NAME` and `V:VERSION`)
 * and /etc/apk/world say of a package: `world` and what stands behind its name there, or `other` where it is not named.
 */
export const apkScript = (name: string): string => `awk -v n='${name}' 'BEGIN{w="other"}
FILENAME=="/etc/apk/world"{c=match($0,/[@<>=~]/);if ((c?substr($0,1,c-1):$0)==n) w="world " (c?substr($0,c):"");next}
/^P:/{p=(substr($0,3)==n)} p&&/^V:/{print "package install installed " substr($0,3);p=0}
END{print w}' /lib/apk/db/installed /etc/apk/world`

/** apk fetches lists by itself that are older than four hours, in minutes; without network it would know of what it has stored alone. */
export const listsAsTheyAre = '--cache-max-age 10000000'

/** By a simulation, which writes nothing. Where nothing would be done, there is none newer. */
export const apkCandidate = (
  name: string,
): string => `LC_ALL=C apk ${listsAsTheyAre} -s add -u '${name}'|awk -v n='${name}' '{split($3,a,"@")} /^\\(/&&$2!="Purging"&&a[1]==n{v=$NF;gsub(/[()]/,"",v);print "candidate " v}'
`
