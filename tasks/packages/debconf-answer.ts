import { unclear } from '../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'

/** What debconf has for a question. */
export interface DebconfAnswer {
  /** Whether the host has debconf at all. */
  readonly installed: boolean
  /** Its SHA-256 where that is what was asked for; `undefined` where there is none. */
  readonly value: string | undefined
  /** Whether it was asked, or answered beforehand; else it is a default. */
  readonly seen: boolean
}

/**
 * Asks for an answer, or for the digest of a secret one. Reads debconf's database itself, paragraphs of `Name:`, `Value:`
 * and `Flags:`, since debconf's own programs write to it, and wait for nobody. One process on the host, two for a
 * digest.
 */
export const answerProbe = typed('debconf', (question: string, digest: boolean): Probe<DebconfAnswer> => ({
  fact: `debconf:${question}`,
  script: `{
if command -v debconf-set-selections >/dev/null;then echo installed;fi
a=$(awk -v q=${quote(question)} '/^Name: /{n=(substr($0,7)==q)} n&&/^Value:/{v=substr($0,8);h=1} n&&/^Flags:/{if ($0~/[ ,]seen(,|$)/) s=1}
END{if (h) print (s?"seen ":"default ") v}' /var/cache/debconf/config.dat /var/cache/debconf/passwords.dat)
${digest ? `if [ "$a" ];then h=$(printf %s "\${a#* }"|sha256sum);a="\${a%% *} \${h%% *}";fi` : ''}
printf '%s\\n' "$a"
echo end
} 2>/dev/null`,
  parse(raw) {
    if (!raw.endsWith('end\n')) {
      throw unclear(`debconf ${question}`, raw)
    }
    const [, flag, value] = /^(seen|default) (.*)$/m.exec(raw) ?? []
    return { installed: /^installed$/m.test(raw), value, seen: flag === 'seen' }
  },
  absent: ({ installed, value }) => !installed || value === undefined,
}))
