import { Random } from '../../helpers/random.ts'
import type { Asked, Files } from './oracle.ts'

const names = ['web1', 'web2', 'db.example.org', 'Alias', 'b', '10.0.0.7']
const patterns = ['web*', 'web?', '*', '!web2', '*.example.org', 'Alias', 'b', '10.0.*', '!b', 'db*', '"b"', 'x[1]']
const users = ['root', 'deploy', 'ops', 'web1']

/** A configuration in which blocks, patterns, includes and values meet by chance; the same for the same seed. */
export function randomConfig(seed: number): { files: Files; asked: Asked[] } {
  const random = new Random(seed)
  const many = <T>(most: number, make: () => T) => Array.from({ length: 1 + random.below(most) }, make)
  const some = <T>(of: readonly T[], most: number) => many(most, () => random.pick(of))
  const separator = () => random.pick([' ', '=', ' = ', '\t', '  '])
  const spelled = (word: string) => random.pick([word, word.toLowerCase(), word.toUpperCase()])

  const value: Readonly<Record<string, () => string>> = {
    HostName: () => random.pick(['%h.example.org', 'Real.example.org', '10.1.2.3', 'fe80::A', '%h', 'a%%b']),
    User: () => random.pick(users),
    Port: () => String(1 + random.below(3000)),
    IdentityFile: () => random.pick(['~/.ssh/a', '~/.ssh/b', '"/k/with space"', '%d/%r', 'rel']),
    CertificateFile: () => random.pick(['~/.ssh/a-cert.pub', '/c']),
    IdentitiesOnly: () => random.pick(['yes', 'no', 'TRUE']),
    IdentityAgent: () => random.pick(['none', 'SSH_AUTH_SOCK', '~/agent', '$HOME', '${HOME}/a-%h']),
    ProxyJump: () => random.pick(['none', 'jump', 'ops@jump:2200,b', '10.0.0.9:22', '[::1]:5']),
    ProxyCommand: () => random.pick(['none', 'nc %h %p', 'a "b # c"']),
    HostKeyAlias: () => random.pick(['alias', 'web1']),
    StrictHostKeyChecking: () => random.pick(['yes', 'no', 'ask', 'accept-new', 'off']),
    UserKnownHostsFile: () => random.pick(['none', '~/kh', '/a ~/b', '"/with space" /x-%h', '~/kh_%k']),
    ConnectTimeout: () => random.pick(['5', '1m', 'none']),
    ServerAliveInterval: () => random.pick(['0', '15', '1h']),
    ForwardAgent: () => random.pick(['yes', 'no']),
    SetEnv: () => random.pick(['A=1', 'A=1 B=2 A=3', '"C=with space"']),
    AddressFamily: () => random.pick(['any', 'inet', 'inet6']),
    BindAddress: () => random.pick(['127.0.0.1', '::1']),
    ControlPath: () => random.pick(['none', '~/cm-%C', '/tmp/%r@%h:%p', '/x-%n-%i-%u']),
    PubkeyAuthentication: () => random.pick(['yes', 'no', 'unbound']),
    Ciphers: () => 'aes128-ctr',
    LogLevel: () => 'ERROR',
  }
  const setting = () => {
    const keyword = random.pick(Object.keys(value))
    return `${random.pick(['', '  ', '\t'])}${spelled(keyword)}${separator()}${value[keyword]?.()}`
  }
  const criterion = () => {
    const not = random.below(4) === 0 ? '!' : ''
    const list = some(['web*', 'Alias', '*.example.org', '!b', 'b', '10.*', 'real.*'], 2).join(',')
    return random.pick([
      `${not}host ${list}`,
      `${not}originalhost ${list}`,
      `${not}user ${some(users, 2).join(',')}`,
      `${not}localuser ${random.pick(['root', 'nobody', 'r*'])}`,
      `${not}host=${list}`,
      ...(random.below(4) === 0 ? ['final', 'canonical', '!canonical'] : []),
    ])
  }
  const header = () =>
    random.below(3) > 0
      ? `Host ${some(patterns, 3).join(' ')}`
      : `Match ${random.pick(['all', many(2, criterion).join(' ')])}`
  const included = ['one', 'd/two', 'd/three']
  const other = () =>
    random.pick([
      () => '# a comment',
      () => '',
      () => `Include ${random.pick(['one', '~/.ssh/d/*', 'd/t*', 'd/[a-t]?o none'])}`,
      () => (random.below(12) === 0 ? random.pick(['Port x', 'NoSuch y', 'User "', 'Match exec true']) : '#'),
    ])()
  const block = () => [header(), ...many(4, setting), ...(random.below(3) === 0 ? [other()] : [])]
  // Files below include nothing, so that none includes itself.
  const leaf = () => many(3, () => [header(), ...many(3, setting)]).flat()
  const files: Record<string, string> = {
    '.ssh/config': `${[...(random.below(2) === 0 ? [setting()] : []), ...many(6, block).flat()].join('\n')}\n`,
    '/etc/ssh/ssh_config': `${many(2, leaf).flat().join('\n')}\n`,
  }
  for (const name of included) files[`.ssh/${name}`] = `${leaf().join('\n')}\n`
  const asked = Array.from({ length: 3 }, () => ({
    host: random.pick(names),
    ...(random.below(3) === 0 && { user: random.pick(users) }),
    ...(random.below(4) === 0 && { port: 1 + random.below(9) }),
    ...(random.below(3) === 0 && { options: many(3, setting) }),
  }))
  return { files, asked }
}
