import type { Asked, Files } from './oracle.ts'

interface Case {
  readonly title: string
  readonly files: Files
  readonly asked: readonly Asked[]
  /** Whether ssh is asked, since only it can tell. @default false */
  readonly left?: true
}

const hosts = (...names: string[]): Asked[] => names.map((host) => ({ host }))

/** What people write. */
export const corpus: readonly Case[] = [
  {
    title: 'no limit is what was not said, so that a later one counts',
    files: {
      '.ssh/config':
        'ConnectTimeout none\nServerAliveInterval none\nHost a\n  ConnectTimeout 1m\n  ServerAliveInterval 5\n',
    },
    asked: hosts('a', 'b'),
  },
  {
    title: 'a bastion that is to be reached through itself is for ssh to refuse',
    files: { '.ssh/config': 'Host *\n  User ops\n  ProxyJump x,ops@bastion:22\n' },
    asked: [{ host: 'bastion' }],
    left: true,
  },
  {
    title: 'a bastion behind one of the same name, but another port or user, is no loop',
    files: { '.ssh/config': 'Host a\n  ProxyJump a:2200\nHost b\n  ProxyJump ops@b\nHost *\n  User me\n' },
    asked: hosts('a', 'b'),
  },
  {
    title: 'the first value of a keyword wins, blocks later in the file come too late',
    files: {
      '.ssh/config': 'User first\nHost web*\n  User second\n  Port 2222\nHost *\n  Port 99\n  User third\n',
    },
    asked: [...hosts('web1', 'db'), { host: 'web1', user: 'given', port: 7 }],
  },
  {
    title: 'a negated pattern takes a host out of its block',
    files: {
      '.ssh/config':
        'Host *.example.org !bastion.example.org\n  ProxyJump bastion.example.org\nHost !db* web? *x\n  Port 5\n',
    },
    asked: hosts('a.example.org', 'bastion.example.org', 'web1', 'web12', 'dbx', 'ax', 'WEB1'),
  },
  {
    title: 'values may be quoted, follow an equals sign, and end at a comment',
    files: {
      '.ssh/config':
        'Host a\r\n  Port=2222 # here\n  User = "with space"\n  IdentityFile "~/.ssh/my key"\n  identityfile=\'~/x\'\n\tSetEnv A="b c" B=2 A=3\nHost "b"\n  UserKnownHostsFile "/tmp/a b" ~/kh\\ x /dev/null\n  HostName   b.example.org   \f\nHost c\n ProxyCommand = nc -X 5 "%h" %p # not a comment\n',
    },
    asked: hosts('a', 'b', 'c', 'with space'.replace(' ', '-')),
  },
  {
    title: 'tokens stand for the host, the user and this machine',
    files: {
      '.ssh/config':
        'Host short\n  HostName %h.Example.ORG\nHost pct\n  HostName a%%b\nHost *\n  HostKeyAlias alias\n  ControlPath ~/.ssh/cm-%C-%r@%h:%p-%n-%k-%L-%l-%u-%i-%%\n  UserKnownHostsFile ~/.ssh/kh_%h ${HOME}/kh2\n  IdentityAgent ${HOME}/agent-%r\n  IdentityFile ~/.ssh/%r@%h\n  CertificateFile %d/c-%n\n',
    },
    asked: [...hosts('short', 'other', 'pct'), { host: 'short', user: 'u', port: 2 }],
  },
  {
    title: 'Match judges the name after HostName, the given name, and both users',
    files: {
      '.ssh/config':
        'Host alias\n  HostName real.example.org\nMatch host real.*\n  Port 1\nMatch originalhost alias\n  ConnectTimeout 2\nMatch user root,adm* localuser root\n  ServerAliveInterval 3\nMatch host "real.*,!other" !user nobody\n  HostKeyAlias four\nMatch !host real.example.org\n  HostKeyAlias five\nMatch all\n  BindAddress 127.0.0.1\n',
    },
    asked: [...hosts('alias', 'other', 'REAL.x'), { host: 'alias', user: 'nobody' }, { host: 'x', user: 'admin' }],
  },
  {
    title: 'Match final is judged with the final name, and reads everything again',
    files: {
      '.ssh/config':
        'Host short\n  HostName Long.example.org\n  IdentityFile ~/a\nHost long.*\n  User twice\n  IdentityFile ~/b\nMatch final host long.*\n  Port 3\n  UserKnownHostsFile ~/second\nMatch canonical\n  ConnectTimeout 4\n',
    },
    asked: hosts('short', 'long.example.org', 'Long.example.org', 'other'),
  },
  {
    title: 'Include follows patterns, in the order of names, within its block alone',
    files: {
      '.ssh/config':
        'Include conf.d/*.conf nowhere\nHost web\n  Include ~/.ssh/only-web extra/[ab]?\nHost *\n  Port 1\n',
      '.ssh/conf.d/20.conf': 'Host web\n  User twenty\n  IdentityFile ~/20\nHost none\n  Port 20\n',
      '.ssh/conf.d/10.conf': 'Host w*\n  User ten\n  IdentityFile ~/10\n',
      '.ssh/conf.d/.hidden.conf': 'User hidden\n',
      '.ssh/conf.d/readme': 'Port 22\n',
      '.ssh/only-web': 'HostKeyAlias web\nHost x\n  HostKeyAlias x\nMatch user ten\n  ConnectTimeout 5\n',
      '.ssh/extra/a1': 'Host *\n  BindAddress 10.0.0.1\n',
      '.ssh/extra/c1': 'AddressFamily inet6\n',
      '/etc/ssh/ssh_config': 'Include ssh_config.d/*.conf\nHost *\n  HashKnownHosts yes\n  GSSAPIAuthentication yes\n',
      '/etc/ssh/ssh_config.d/a.conf': 'Match host web\n  ServerAliveCountMax 9\nHost *\n  IdentityFile ~/10\n',
    },
    asked: hosts('web', 'x', 'none', 'w2'),
  },
  {
    title: 'ProxyJump and ProxyCommand: the first of both wins, and none is a value',
    files: {
      '.ssh/config':
        'Host a\n  ProxyJump u@one:22,two\nHost b\n  ProxyCommand none\nHost c\n  ProxyJump none\nHost d\n  ProxyJump x,ops@[2001:db8::1]:2200\nHost e\n  ProxyJump 10.0.0.1\nHost f\n  ProxyCommand exec nc %h %p\nHost *\n  ProxyJump late\n  ProxyCommand late %h\n',
    },
    asked: hosts('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  },
  {
    title: 'words count in either case, and have other words of the same meaning',
    files: {
      '.ssh/config':
        'Host a\n  STRICTHOSTKEYCHECKING Accept-New\n  UpdateHostKeys ASK\n  PubkeyAuthentication FALSE\n  AddressFamily INET6\n  ForwardAgent true\nHost b\n  StrictHostKeyChecking off\n  ForwardAgent $SSH_AUTH_SOCK\n  IdentityAgent none\n  VerifyHostKeyDNS ask\nHost c\n  ConnectTimeout 1m30s\n  ServerAliveInterval 2h\n  ChallengeResponseAuthentication no\n  SmartcardDevice /usr/lib/p.so\nHost d\n  ConnectTimeout none\n  KnownHostsCommand /bin/kh %H\n  PreferredAuthentications publickey,password\n  GlobalKnownHostsFile none\n  UserKnownHostsFile NONE\n',
    },
    asked: hosts('a', 'b', 'c', 'd'),
  },
  {
    title: 'options of the command line come before all files',
    files: {
      '.ssh/config':
        'Host a\n  Port 5\n  ProxyJump b\n  IdentityFile ~/k\n  User u\nMatch user o\n  ServerAliveInterval 9\nHost *\n  UserKnownHostsFile ~/kh\n',
    },
    asked: [
      { host: 'a', options: ['Port=6', 'ProxyCommand=ssh -W %h:%p -i "k y" x', 'identityfile ~/first', 'User=o'] },
      { host: 'a', user: 'given', port: 7, options: ['User=late', 'Port=8', 'Port=9', 'HostName=%h.lan'] },
      { host: 'c', options: ['ProxyJump=none', 'UserKnownHostsFile=/dev/null', 'SetEnv=A="x y"', 'ConnectTimeout=3'] },
    ],
  },
  {
    title: 'what ssh refuses is left to it: an option that it does not have',
    files: { '.ssh/config': 'Host a\n  Port 5\n' },
    asked: ['NoSuch=1', 'Include x', 'Host=b'].map((option) => ({ host: 'a', options: [option] })),
    left: true,
  },
  {
    title: 'addresses are written in one way',
    files: {
      '.ssh/config': 'Host v6\n  HostName 2001:DB8:0:0::1\nHost m\n  HostName ::FFFF:1.2.3.4\nMatch final\n  Port 4\n',
    },
    asked: hosts('v6', 'm', '10.0.0.1', '2001:DB8::A'),
  },
  {
    title: 'keywords that are to be ignored are no error',
    files: {
      '.ssh/config':
        'IgnoreUnknown Use*,gssapikex\nHost a\n  UseKeychain yes\n  Port 5\n  GSSAPIKEX no\n  Ciphers aes128-ctr\n',
    },
    asked: hosts('a'),
  },
  {
    title: 'what ssh refuses is left to it: an unknown keyword',
    files: { '.ssh/config': 'Host other\n  NoSuchKeyword yes\n' },
    asked: hosts('a'),
    left: true,
  },
  {
    title: 'what ssh refuses is left to it: a bad port in a block of another host',
    files: { '.ssh/config': 'Host other\n  Port 70000\n' },
    asked: hosts('a'),
    left: true,
  },
  {
    title: 'what ssh refuses is left to it: an open quote, a missing value, and too many of them',
    files: { '.ssh/config': 'Host a\n  Port 1 2\n  User "x\n  IdentityFile\n' },
    asked: hosts('a'),
    left: true,
  },
  {
    title: 'programs and the network are left to ssh, where they can matter',
    files: { '.ssh/config': 'Match host web* exec "test %h = web1"\n  Port 5\nMatch !host web* exec true\n  Port 6\n' },
    asked: hosts('web1', 'web2', 'db'),
    left: true,
  },
]
