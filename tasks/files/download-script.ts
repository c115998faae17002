import { quote } from '../../runner/model/quote.ts'

export interface Fetch {
  readonly url: string
  readonly path: string
  readonly sha256: string | undefined
  readonly mode: string
  /** Set where it is not yet so. */
  readonly owner: string | undefined
  readonly group: string | undefined
}

/**
 * Fetches into a temporary file beside the target (where it leads, if it is a link), checks, sets mode and owner,
 * renames. Links are followed one by one, since busybox's `readlink -f` goes wrong where the last leads to nothing.
 * busybox's wget takes `-t` and ignores it, but may know no `-T`: how long it may take is the step's limit to say.
 */
export const downloadScript = ({ url, path, sha256, mode, owner, group }: Fetch) => `set -e
p=${quote(path)} u=${quote(url)}
i=0
while [ -L "$p" ];do
i=$((i+1));if [ $i -gt 40 ];then echo "$p: too many symbolic links" >&2;exit 1;fi
l=$(readlink -n "$p";echo .) l=\${l%.}
case $l in /*)p=$l;;*)p=\${p%/*}/$l;;esac
done
umask 077
t=$(mktemp "\${p%/*}/.tsplay-download.XXXXXX")
trap 'rm -f "$t"' EXIT
trap 'exit 143' TERM INT HUP
if command -v curl >/dev/null;then curl -fsSL --retry 3 --connect-timeout 20 -o "$t" "$u"
elif command -v wget >/dev/null;then wget -q -t 3 -O "$t" "$u"||{ echo "wget could not fetch $u" >&2;exit 1;}
else echo 'neither curl nor wget is installed' >&2;exit 1;fi
${sha256 === undefined ? '' : verify(sha256)}${owner === undefined ? '' : setOwner(owner, group)}${
  owner === undefined && group !== undefined ? `chgrp ${quote(group)} "$t"\n` : ''
}chmod 0${mode} "$t"
sync "$t" 2>/dev/null||sync
mv -f "$t" "$p"`

const verify = (sha256: string) => `s=$(sha256sum <"$t") s=\${s%% *}
if [ "$s" != ${sha256} ];then echo "what $u gives has the sha256 $s, not ${sha256}" >&2;exit 1;fi
`

/** A user who is not root may give nothing away, but need not where it is already right. */
const setOwner = (owner: string, group: string | undefined) => {
  const name = group === undefined ? owner : `${owner}:${group}`
  const ids = group === undefined ? '%u' : '%u:%g'
  return `[ "$(stat -c ${ids} "$t")" = ${quote(name)} ]||chown ${quote(name)} "$t"\n`
}
