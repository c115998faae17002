import type { Change } from '../../runner/model/change.ts'
import { sha256 as digestOf } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { fingerprintScript, keyFingerprint, type SigningKeyState } from '../../runner/model/facts-of/signing-key.ts'
import { quote } from '../../runner/model/quote.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'

/** Keys that sign a repository: their text, ASCII-armoured, or where the host fetches them. */
export type SigningKeyOptions =
  | string
  | {
      readonly url: string
      /** The digest of what the address gives. */
      readonly sha256?: string | undefined
    }

export interface SigningKey {
  readonly what: string
  /** Where it lies on the host. */
  readonly path: string
  readonly key: SigningKeyOptions
  /** As {@link keyFingerprint} has them; of all keys that may be in it. */
  readonly fingerprints: readonly string[] | undefined
}

/** Reads the options; throws `TsplayError('OPTIONS')` on what is no key, digest or fingerprint. */
export function signingKey(
  what: string,
  path: string,
  key: SigningKeyOptions,
  fingerprints: string | readonly string[] | undefined,
): SigningKey {
  const wrong = (message: string, hint: string) => new TsplayError('OPTIONS', `${what}: ${message}`, { hint })
  if (typeof key === 'string') {
    if (!/^-----BEGIN PGP PUBLIC KEY BLOCK-----$/m.test(certain(key)) || key.includes('\0')) {
      throw wrong('the key is no ASCII-armoured public key', 'gpg --armor --export prints one')
    }
  } else {
    if (!/^https?:\/\//.test(certain(key.url)) || !URL.canParse(key.url) || /[\s\0-\x1f]/.test(key.url)) {
      throw wrong(`the key's address ${JSON.stringify(key.url.slice(0, 80))} is no URL`, 'give one of http or https')
    }
    if (key.sha256 !== undefined && !/^[0-9a-f]{64}$/.test(key.sha256)) {
      throw wrong(`${JSON.stringify(key.sha256.slice(0, 80))} is no SHA-256`, 'it has 64 digits in lower-case hex')
    }
  }
  const given = typeof fingerprints === 'string' ? [fingerprints] : fingerprints
  if (given?.length === 0) throw wrong('an empty list of fingerprints trusts no key', 'leave it out, or name one')
  return { what, path, key, fingerprints: given && [...new Set(given.map(keyFingerprint))].toSorted() }
}

/** What differs: the keys by their fingerprints where those are given, else the file by its digest. */
export function keyChanges({ path, key, fingerprints }: SigningKey, state: SigningKeyState | undefined): Change[] {
  const found = certain(state)
  const digest = typeof key === 'string' ? digestOf(key) : key.sha256
  const same = fingerprints === undefined || certain(found?.fingerprints)?.join() === fingerprints.join()
  if (found !== undefined && same && (digest === undefined || certain(found.sha256) === digest)) return []
  const before = found?.fingerprints ?? (found && `sha256 ${found.sha256}`)
  const after = fingerprints ?? (digest === undefined ? path : `sha256 ${digest}`)
  return [{ field: 'key', before, after }]
}

export function keyAfter({ key, fingerprints }: SigningKey, state: SigningKeyState | undefined): SigningKeyState {
  const fetched = (typeof key === 'string' ? digestOf(key) : key.sha256) ?? unknown<string>('what its address gives')
  const changes = state === undefined || keyChanges({ what: '', path: '', key, fingerprints }, state).length > 0
  return { sha256: changes ? fetched : state.sha256, ...(fingerprints === undefined ? {} : { fingerprints }) }
}

/** The step that puts the keys in place once they are those that may be trusted; never others, not for a moment. */
export function keyStep({ what, path, key, fingerprints }: SigningKey): Step {
  const expected = fingerprints?.map((one) => one.toLowerCase()).join(' ')
  const checks = [
    ...(typeof key === 'object' && key.sha256 !== undefined
      ? [
          `s=$(sha256sum <"$t");[ "\${s%% *}" = ${key.sha256} ]||{ echo "the key has the sha256 \${s%% *}, not ${key.sha256}" >&2;exit 1; }`,
        ]
      : []),
    // As it stands there, armour is what apt and rpm go by.
    `grep -q '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$t"||{ { printf '%s\\n\\n' '-----BEGIN PGP PUBLIC KEY BLOCK-----'&&base64 "$t"&&echo '-----END PGP PUBLIC KEY BLOCK-----'; } >"$t.a"&&mv -f "$t.a" "$t"; }||exit 1`,
    ...(expected === undefined
      ? []
      : [
          `f=$(key_fingerprints "$t"|sort -u|tr '\\n' ' ');[ "\${f% }" = ${quote(expected)} ]||{ echo "the key's fingerprints are \${f:-none}and not ${expected}: nothing was changed" >&2;exit 1; }`,
        ]),
  ]
  const source = typeof key === 'string' ? 'cat >"$t"||exit 1' : fetchLines(key.url)
  return {
    script: `${fingerprintScript}
p=${quote(path)}
mkdir -p "\${p%/*}"||exit 1
umask 077
rm -f "$p".tsplay-??????*
t=$(mktemp "$p.tsplay-XXXXXX")||exit 1
trap 'rm -f "$t" "$t.a"' EXIT
trap 'exit 143' TERM INT HUP
${source}
${checks.join('\n')}
chmod 0644 "$t"&&{ sync "$t" 2>/dev/null||sync; }&&mv -f "$t" "$p"`,
    ...(typeof key === 'string' ? { stdin: key } : {}),
    hint: `${what}: does the play become root? Where its owner has a new key, look for its fingerprint on their own pages.`,
  }
}

const fetchLines = (url: string) => `u=${quote(url)}
if command -v curl >/dev/null;then curl -fsSL --retry 3 --connect-timeout 20 -o "$t" "$u"||exit 1
elif command -v wget >/dev/null;then wget -q -t 3 -O "$t" "$u"||{ printf '%s\\n' "wget could not fetch $u" >&2;exit 1; }
else echo 'neither curl nor wget is installed' >&2;exit 1;fi`
