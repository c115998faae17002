import { parseJump } from '../../transport/ssh/stream/jump.ts'
import { fingerprint, showKey } from '../../transport/ssh/known-hosts/judge.ts'
import { hostAndPort } from '../../transport/ssh/settings.ts'
import type { Route } from '../../transport/ssh/route.ts'
import type { Target } from '../../transport/target.ts'
import type { Finding } from './finding.ts'
import { settingsFinding } from './settings.ts'

/** What is known of the way to a host before anything is connected to. `lines`: those of ssh's configuration that apply. */
export function wayFindings(route: Route, target: Target, lines: readonly string[]): Finding[] {
  const { settings, config, keys, openssh } = route
  const known = route.lines.filter((line) => line.marker !== 'revoked')
  return [
    {
      what: 'ssh config',
      found: [
        ...(lines.length === 0 ? ['no line applies'] : lines),
        ...(config.asked === undefined ? [] : [`asked of OpenSSH's ssh -G, because of ${config.asked}`]),
      ].join('\n'),
    },
    settingsFinding(route, target),
    { what: 'login', found: `${settings.user} at ${hostAndPort(settings.address, settings.port)}` },
    { what: 'way', found: hops(route) },
    {
      what: 'client',
      found: openssh === undefined ? 'ssh2' : `OpenSSH's ssh, since ${openssh}`,
    },
    {
      what: 'host key',
      found:
        known.length === 0
          ? 'none is known'
          : known
              .map((line) => `${line.marker ?? 'known'}: ${showKey(line.key)} (${line.file}:${line.line})`)
              .join('\n'),
      ...(known.length === 0 && settings.hostKeys === 'refuse'
        ? { remedy: `tsplay trust ${settings.name}`, fatal: true }
        : {}),
    },
    {
      what: 'keys',
      found: [
        ...keys.identities.map(
          (key) => `${key.label} ${key.publicKey.type} ${fingerprint(key.publicKey.getPublicSSH())}`,
        ),
        ...keys.notes,
        ...(keys.identities.length === 0 && keys.notes.length === 0 ? ['none'] : []),
      ].join('\n'),
      ...(keys.identities.length === 0 && settings.password === undefined && openssh === undefined
        ? { remedy: 'make one with ssh-keygen -t ed25519, and bring it to the host with ssh-copy-id' }
        : {}),
    },
  ]
}

function hops({ settings }: Route): string {
  if (settings.proxyJump !== undefined) {
    const stops = parseJump(settings.proxyJump).map(
      ({ user, address, port }) => `${user === undefined ? '' : `${user}@`}${hostAndPort(address, port ?? 22)}`,
    )
    return `through ${stops.join(', then ')}`
  }
  return settings.proxyCommand === undefined ? 'direct' : `through the program ${settings.proxyCommand}`
}
