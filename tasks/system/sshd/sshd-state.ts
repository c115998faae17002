import { TsplayError } from '../../../runner/model/errors.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { typed } from '../../../runner/model/typed-question.ts'

/** What the SSH server makes of settings that are wanted. */
export interface SshdState {
  readonly installed: boolean
  /** Whether its configuration includes the files of sshd_config.d. */
  readonly included: boolean
  /** Wanted settings that would not count, since another file has them first, and which. */
  readonly overruled: readonly { readonly keyword: string; readonly by: string }[]
}

/**
 * Asks sshd what its settings would be with the wanted lines in their file, and with them before all others: sshd itself
 * knows all of its defaults, and which words mean the same. Ten processes on the host, two of which are sshd, which reads what it is given and ends.
 */
export const sshdProbe = typed('sshd', (path: string, wanted: string): Probe<SshdState> => ({
  fact: 'sshd',
  touches: ['path:/etc/ssh/*'],
  script: `PATH=$PATH:/usr/sbin:/sbin
if s=$(command -v sshd);then echo installed
grep -iqs '^[[:space:]]*include[[:space:]].*sshd_config\\.d' /etc/ssh/sshd_config&&echo included
${wanted === '' ? '' : compare(quote(path), quote(wanted))}fi
echo end`,
  parse: parseSshd,
}))

/**
 * What is wanted stands in the place of the line that includes the files, among them in the order that sshd takes them in; and
 * once more before everything. `differing` gets the wanted lines and both answers, and prints the keywords that came otherwise.
 */
const compare = (path: string, wanted: string) => `p=${path} w=${wanted}
files() { { ls /etc/ssh/sshd_config.d/*.conf;echo "$p"; } 2>/dev/null|LC_ALL=C sort -u;}
placed() { files|while read -r f;do if [ "$f" = "$p" ];then printf %s "$w";else echo "Include $f";fi;done;}
whole() { f=$(placed) awk 'tolower($0)~/^[ \\t]*include[ \\t].*sshd_config\\.d/{print ENVIRON["f"];next}{print}' /etc/ssh/sshd_config;}
first() { printf %s "$w";whole;}
settings() { "$s" -T -f /dev/stdin 2>/dev/null;}
differing() { awk '$0=="--"{part++;next} {k=tolower($1)} !part{named[k]=$1} part{said[part,k]=said[part,k] $0 "\\n"}
END{for (k in named) if (said[1,k]!=said[2,k]) print named[k]}';}
if a=$(whole|settings)&&b=$(first|settings);then
printf '%s--\\n%s\\n--\\n%s\\n' "$w" "$a" "$b"|differing|while read -r k;do
f=$( { files;echo /etc/ssh/sshd_config; }|grep -vxF "$p"|while read -r f;do grep -iqs "^[[:space:]]*$k[[:space:]=]" "$f"&&echo "$f";done|head -n 1)
printf 'overruled %s %s\\n' "$k" "\${f:-another file}"
done
fi
`

function parseSshd(raw: string): SshdState {
  if (!raw.endsWith('end\n')) {
    throw new TsplayError(
      'COMMAND',
      `the host's answer about its sshd makes no sense: ${JSON.stringify(raw.slice(0, 200))}`,
    )
  }
  return {
    installed: /^installed$/m.test(raw),
    included: /^included$/m.test(raw),
    overruled: [...raw.matchAll(/^overruled (\S+) (.+)$/gm)].map(([, keyword = '', by = '']) => ({ keyword, by })),
  }
}
