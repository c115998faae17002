import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { typed } from '../typed-question.ts'
import { pathProbe } from './path.ts'
import { absolutePath, resolved } from './path-state.ts'

/** A file of OpenPGP public keys. */
export interface SigningKeyState {
  /** Of the file, in lower-case hex. */
  readonly sha256: string
  /** Of each primary key in it, in upper-case hex, sorted; `BAD` for what can not be read. Only where they were asked for. */
  readonly fingerprints?: readonly string[]
}

/** A fingerprint in upper-case hex: 40 digits, or 64 of a version 6 key; blanks are left out. Throws `TsplayError('OPTIONS')`. */
export function keyFingerprint(text: string): string {
  const digits = text.replaceAll(/\s/g, '').toUpperCase()
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return digits
  throw new TsplayError('OPTIONS', `${JSON.stringify(text.slice(0, 80))} is no fingerprint of a key`, {
    hint: 'it has 40 digits in hex: gpg --show-keys FILE prints it; a key id of 8 or 16 is too short to tell keys apart',
  })
}

/**
 * Shell text that makes `key_fingerprints FILE`, which prints the fingerprint of each primary key (packet 6) in a file,
 * armoured or not, as RFC 4880 12.2 and RFC 9580 5.5.4 have it, and `bad` for what is no such file. Hosts need no gpg.
 */
export const fingerprintScript = `key_fingerprints() {
k=$(mktemp -d /run/tsplay-key.XXXXXX 2>/dev/null||mktemp -d)||return 1
if [ "$(grep -c '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$1")" = 0 ];then cat "$1" >"$k/1"
else awk -v k="$k" '/^-----BEGIN PGP PUBLIC/{n++;h=1;next} /^-----END/{h=0} h==1&&/^[ \\t\\r]*$/{h=2;next} h==2&&!/^=/{print>k"/a"n}' "$1"
for a in "$k"/a*;do base64 -d "$a" >"$k/\${a##*/a}"||echo bad;done;fi
for b in "$k"/[0-9]*;do
od -An -v -tu1 "$b"|awk '{for(i=1;i<=NF;i++)b[n++]=$i} END{if(!n)print"bad";for(p=0;p<n;p+=h+l){t=b[p]
if(t>=192){t-=192;l=b[p+1];h=2;if(l>=192&&l<224){l=(l-192)*256+b[p+2]+192;h=3}else if(l==255){l=((b[p+2]*256+b[p+3])*256+b[p+4])*256+b[p+5];h=6}else if(l>223){print"bad";exit}}
else if(t>=128){o=t%4;t=int((t-128)/4);if(o==0){l=b[p+1];h=2}else if(o==1){l=b[p+1]*256+b[p+2];h=3}else if(o==2){l=((b[p+1]*256+b[p+2])*256+b[p+3])*256+b[p+4];h=5}else{print"bad";exit}}
else{print"bad";exit}
if(p+h+l>n){print"bad";exit}
if(t==6)print b[p+h],p+h+1,l}}'|while read -r v o l;do
case $v in
4)c=sha1sum;s=$(printf '\\\\231\\\\%03o\\\\%03o' $((l/256)) $((l%256)));;
6)c=sha256sum;s=$(printf '\\\\233\\\\%03o\\\\%03o\\\\%03o\\\\%03o' $((l/16777216)) $((l/65536%256)) $((l/256%256)) $((l%256)));;
*)echo bad;continue;;esac
f=$({ printf "$s";tail -c +"$o" "$b"|head -c "$l"; }|$c);printf '%s\\n' "\${f%% *}"
done
done
rm -rf "$k"
}`

/**
 * Asks for a file of keys; `undefined` where there is none. It costs what a path does, and some twenty processes more with
 * the fingerprints.
 */
export const signingKeyProbe = typed(
  'signing-key',
  (file: string, { fingerprints }: { readonly fingerprints: boolean }): Probe<SigningKeyState | undefined> => {
    const path = pathProbe(file)
    const at = quote(absolutePath(file))
    return {
      ...path,
      fact: `signing-key:${absolutePath(file)}`,
      touches: [path.fact],
      ...(fingerprints && {
        library: [path.library ?? [], fingerprintScript].flat(),
        together: undefined,
        contained: false,
        script: `${path.script}\nif [ -e ${at} ];then key_fingerprints ${at}|sed 's/^/key /';fi 2>/dev/null`,
      }),
      parse(raw) {
        const [told = '', keys = ''] = raw.split(/(?<=^end\n)/m)
        const found = resolved(path.parse(told))
        if (found.kind === 'absent') return undefined
        const sha256 = found.kind === 'file' ? found.sha256 : undefined
        if (sha256 === undefined) throw new TsplayError('COMMAND', `${file} can not be read as a file of keys`)
        if (!fingerprints) return { sha256 }
        const all = [...keys.matchAll(/^key (.+)$/gm)].map((match) => (match[1] ?? '').toUpperCase())
        return { sha256, fingerprints: [...new Set(all)].toSorted() }
      },
      absent: (answer) => answer === undefined,
      answeredBy: (predicted) => predicted === undefined || !fingerprints || predicted.fingerprints !== undefined,
    }
  },
)
