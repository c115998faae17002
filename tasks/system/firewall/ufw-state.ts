import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { typed } from '../../../runner/model/typed-question.ts'

/** One rule of ufw, of one of the two families of addresses, as its files have it. */
export interface UfwTuple {
  readonly family: 'v4' | 'v6'
  /** `allow`, `deny`, `limit`, `reject`; with `_log` or `_log-all` where it logs, and `route:` before it where it forwards. */
  readonly action: string
  readonly proto: string
  readonly port: string
  readonly to: string
  readonly fromPort: string
  readonly from: string
  /** The application profile that it was made of. */
  readonly app: string | undefined
  /** `in`, `out`, with an interface `in_eth0`. */
  readonly way: string
  readonly comment: string | undefined
}

export type UfwPolicy = 'allow' | 'deny' | 'reject'

/** ufw as its files have it, and whether the kernel has the same. */
export interface UfwState {
  readonly installed: boolean
  /** Whether this user may read its rules. */
  readonly readable: boolean
  readonly enabled: boolean
  readonly ipv6: boolean
  readonly incoming: UfwPolicy
  readonly outgoing: UfwPolicy
  readonly routed: UfwPolicy
  readonly logging: string
  readonly rules: readonly UfwTuple[]
  /** Where it is enabled: whether its chains are in the kernel, with as many rules and the same policies. */
  readonly loaded: boolean
}

/**
 * Reads ufw's files, and the kernel's rules where it is enabled: five processes on the host, since ufw itself, which is
 * Python, would take a second for each question.
 */
export const ufwProbe = typed('ufw', (): Probe<UfwState> => ({
  fact: 'ufw',
  touches: ['path:/etc/ufw/*', 'path:/etc/default/ufw'],
  script: `PATH=$PATH:/usr/sbin:/sbin
if command -v ufw >/dev/null;then echo installed
set -- /etc/ufw/user.rules /etc/ufw/user6.rules
[ ! -r "$1" ]||echo readable
grep -hsE '^(ENABLED|LOGLEVEL|IPV6|DEFAULT_(INPUT|OUTPUT|FORWARD)_POLICY)=' /etc/default/ufw /etc/ufw/ufw.conf
grep -sE '^### tuple ### ' "$@"
if grep -qsi '^ENABLED="*yes' /etc/ufw/ufw.conf;then
for f;do case $f in *6.rules)c=6;;*)c=;;esac
n=$(grep -cE '^-A ufw6?-user-(input|output|forward) ' $f 2>/dev/null)
ip\${c}tables -S 2>/dev/null|awk -v n="$n" -v f=v\${c:-4} '/^-P/{p=p " " $2 "=" $3} /^-A ufw6?-user-(input|output|forward) /{k++} /^-A INPUT -j ufw6?-before-input$/{j=1} END{print "kernel", f, (j&&n==k+0)?"whole":"part", p}'
done
fi
fi
echo end`,
  parse: parseUfw,
  absent: ({ installed }) => !installed,
}))

const policies: Readonly<Record<string, UfwPolicy>> = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' }

export function parseUfw(raw: string): UfwState {
  if (!raw.endsWith('end\n')) throw unclear('ufw', raw)
  const setting = (name: string) => new RegExp(`^${name}=["']?(\\w+)`, 'm').exec(raw)?.[1] ?? ''
  const policy = (chain: string) => policies[setting(`DEFAULT_${chain}_POLICY`).toUpperCase()] ?? 'deny'
  const state = {
    installed: raw.startsWith('installed\n'),
    readable: /^readable$/m.test(raw),
    enabled: setting('ENABLED').toLowerCase() === 'yes',
    ipv6: setting('IPV6').toLowerCase() === 'yes',
    incoming: policy('INPUT'),
    outgoing: policy('OUTPUT'),
    routed: policy('FORWARD'),
    logging: setting('LOGLEVEL'),
    rules: [...raw.matchAll(/^\/etc\/ufw\/user(6?)\.rules:### tuple ### (.+)$/gm)].map(([, six = '', words = '']) =>
      tuple(six === '6' ? 'v6' : 'v4', words),
    ),
  }
  const families = [...raw.matchAll(/^kernel (v[46]) (whole|part) (.*)$/gm)].filter(
    ([, family]) => family === 'v4' || state.ipv6,
  )
  const kernel = (of: UfwPolicy) => (of === 'allow' ? 'ACCEPT' : 'DROP')
  const wanted = [
    `INPUT=${kernel(state.incoming)}`,
    `OUTPUT=${kernel(state.outgoing)}`,
    `FORWARD=${kernel(state.routed)}`,
  ]
  const loaded = families.every(
    ([, , how, is = '']) => how === 'whole' && wanted.every((it) => is.split(' ').includes(it)),
  )
  return { ...state, loaded: !state.enabled || (families.length > 0 && loaded) }
}

/** ACTION PROTO DPORT DST SPORT SRC [DAPP SAPP] WAY [comment=HEX] */
function tuple(family: 'v4' | 'v6', words: string): UfwTuple {
  const all = words.split(' ')
  const comment = all.at(-1)?.startsWith('comment=') ? all.pop()?.slice('comment='.length) : undefined
  const [action = '', proto = '', port = '', to = '', fromPort = '', from = ''] = all
  return {
    family,
    action,
    proto,
    port,
    to,
    fromPort,
    from,
    app: all.length > 7 && all[6] !== '-' ? all[6] : undefined,
    way: all.at(-1) ?? '',
    comment: comment === undefined ? undefined : Buffer.from(comment, 'hex').toString('utf8'),
  }
}
