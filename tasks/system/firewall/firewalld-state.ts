import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { typed } from '../../../runner/model/typed-question.ts'

/** A zone, as `firewall-cmd --list-all-zones` tells of it; its lists are sorted. */
export interface FirewalldZone {
  readonly name: string
  readonly target: string
  readonly masquerade: boolean
  readonly services: readonly string[]
  /** `8080/tcp`, `8000-8100/udp`. */
  readonly ports: readonly string[]
  readonly protocols: readonly string[]
  readonly sources: readonly string[]
  readonly interfaces: readonly string[]
  readonly icmpBlocks: readonly string[]
  /** `port=80:proto=tcp:toport=8080:toaddr=`. */
  readonly forwardPorts: readonly string[]
  readonly richRules: readonly string[]
}

export interface FirewalldState {
  readonly installed: boolean
  /** `silent`: it runs, as far as can be told, and gives no answer. */
  readonly daemon: 'running' | 'stopped' | 'silent'
  readonly defaultZone: string
  /** Empty while it does not run. */
  readonly runtime: readonly FirewalldZone[]
  readonly permanent: readonly FirewalldZone[]
  /** The TCP ports of each service that firewalld knows. */
  readonly services: Readonly<Record<string, readonly string[]>>
  /** What it said where it gave no answer. */
  readonly said: string
}

/**
 * Asks firewalld for all zones at once, as they are and as they will be at boot, since each question to it costs half a
 * second. What it has at boot is read without it where it does not run (252, NOT_RUNNING in firewall-cmd(1)).
 */
export const firewalldProbe = typed('firewalld', (): Probe<FirewalldState> => ({
  fact: 'firewalld',
  touches: ['unit:firewalld.service', 'path:/etc/firewalld/*'],
  script: `PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
export LC_ALL
if command -v firewall-cmd >/dev/null;then
r=$(firewall-cmd --list-all-zones 2>&1)
case $? in 0)s=running c='firewall-cmd --permanent';;252)s=stopped c=firewall-offline-cmd r=;;*)s=silent p=$r;;esac
[ $s = silent ]||p=$($c --list-all-zones 2>&1)||s=silent
echo $s
if [ $s = silent ];then printf '%s\\n' "$p"|head -c 1000|sed 's/^/e/'
else sed -n 's/^DefaultZone=/default /p' /etc/firewalld/firewalld.conf 2>/dev/null
printf '%s\\n' "$r"|sed 's/^/r/'
printf '%s\\n' "$p"|sed 's/^/p/'
set -- /usr/lib/firewalld/services/*.xml
for f in /etc/firewalld/services/*.xml;do [ ! -r "$f" ]||set -- "$@" "$f";done
awk 'FNR==1{n=FILENAME;sub(/.*\\//,"",n);sub(/\\.xml$/,"",n);if(FILENAME~/^.etc/)print "s" n}
/<port .*tcp/{p=$0;sub(/.* port=./,"",p);sub(/[^0-9-].*/,"",p);print "s" n " " p}' "$@"
fi
else echo none;fi
echo end`,
  parse: parseFirewalld,
  absent: ({ installed }) => !installed,
}))

export function parseFirewalld(raw: string): FirewalldState {
  const [first = '', ...lines] = raw.split('\n')
  if (!/^(?:none|running|stopped|silent)$/.test(first) || !raw.endsWith('end\n')) throw unclear('firewalld', raw)
  const marked = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1))
  const services: Record<string, string[]> = {}
  for (const line of marked('s')) {
    const [name = '', port] = line.split(' ')
    // The host's own file takes the place of the one that came with firewalld.
    services[name] = port === undefined ? [] : [...(services[name] ?? []), port]
  }
  return {
    installed: first !== 'none',
    daemon: first === 'none' ? 'stopped' : (first as FirewalldState['daemon']),
    defaultZone: /^default (.+)$/m.exec(raw)?.[1]?.trim() ?? 'public',
    runtime: zonesIn(marked('r')),
    permanent: zonesIn(marked('p')),
    services,
    said: marked('e').join('\n').trim(),
  }
}

/** A zone begins at the margin; what it has several of is indented by a tab. */
function zonesIn(lines: readonly string[]): readonly FirewalldZone[] {
  const starts = lines.flatMap((line, i) => (/^\S/.test(line) ? [i] : []))
  return starts.map((start, i) => {
    const own = lines.slice(start + 1, starts[i + 1])
    const value = (name: string) =>
      own
        .find((line) => line.startsWith(`  ${name}:`))
        ?.slice(name.length + 3)
        .trim() ?? ''
    const words = (name: string) => value(name).split(/\s+/).filter(Boolean).toSorted()
    const indented = (begin: string) =>
      own
        .filter((line) => line.startsWith(`\t${begin}`))
        .map((line) => line.trim())
        .toSorted()
    return {
      name: lines[start]?.split(' ')[0] ?? '',
      target: value('target'),
      masquerade: value('masquerade') === 'yes',
      services: words('services'),
      ports: words('ports'),
      protocols: words('protocols'),
      sources: words('sources'),
      interfaces: words('interfaces'),
      icmpBlocks: words('icmp-blocks'),
      forwardPorts: indented('port='),
      richRules: indented('rule'),
    }
  })
}
