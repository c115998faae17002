/** How the value of a keyword is read, and how `ssh -G` shows it. */
export type Kind =
  /** One word. */
  | { readonly kind: 'word' }
  /** Several words: the first line that names any wins. */
  | { readonly kind: 'words' }
  /** Several words, each shown on a line of its own. */
  | { readonly kind: 'assignments' }
  /** One word; lines add up. */
  | { readonly kind: 'list' }
  /** The rest of the line as it stands. */
  | { readonly kind: 'command' }
  /** Words with what each is shown as. */
  | { readonly kind: 'choice'; readonly of: Readonly<Record<string, string>> }
  | { readonly kind: 'number' | 'port' | 'time' | 'jump' | 'agent' | 'name' }

const flag: Kind = { kind: 'choice', of: { yes: 'yes', true: 'yes', no: 'no', false: 'no' } }
const word: Kind = { kind: 'word' }
const bool = { yes: 'true', true: 'true', no: 'false', false: 'false' }

/** What is evaluated here; names as `ssh -G` shows them. Sources: ssh_config(5) and OpenSSH's readconf.c. */
export const keywords: Readonly<Record<string, Kind>> = {
  addressfamily: { kind: 'choice', of: { inet: 'inet', inet6: 'inet6', any: 'any' } },
  batchmode: flag,
  bindaddress: word,
  bindinterface: word,
  canonicalizehostname: { kind: 'choice', of: { ...bool, always: 'always' } },
  canonicalizepermittedcnames: { kind: 'words' },
  certificatefile: { kind: 'list' },
  connectionattempts: { kind: 'number' },
  connecttimeout: { kind: 'time' },
  controlpath: word,
  forwardagent: { kind: 'agent' },
  globalknownhostsfile: { kind: 'words' },
  gssapiauthentication: flag,
  hashknownhosts: flag,
  hostkeyalias: word,
  hostname: { kind: 'name' },
  identitiesonly: flag,
  identityagent: { kind: 'agent' },
  identityfile: { kind: 'list' },
  ignoreunknown: word,
  kbdinteractiveauthentication: flag,
  knownhostscommand: { kind: 'command' },
  passwordauthentication: flag,
  pkcs11provider: word,
  port: { kind: 'port' },
  preferredauthentications: word,
  proxycommand: { kind: 'command' },
  proxyjump: { kind: 'jump' },
  pubkeyauthentication: {
    kind: 'choice',
    of: { ...bool, unbound: 'unbound', 'host-bound': 'host-bound' },
  },
  securitykeyprovider: word,
  serveralivecountmax: { kind: 'number' },
  serveraliveinterval: { kind: 'time' },
  setenv: { kind: 'assignments' },
  stricthostkeychecking: {
    kind: 'choice',
    of: { ...bool, off: 'false', ask: 'ask', 'accept-new': 'accept-new' },
  },
  tag: word,
  updatehostkeys: { kind: 'choice', of: { ...bool, ask: 'ask' } },
  user: { kind: 'name' },
  userknownhostsfile: { kind: 'words' },
  verifyhostkeydns: { kind: 'choice', of: { ...bool, ask: 'ask' } },
}

/** Other names of the same. */
export const aliases: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  identityfile2: 'identityfile',
  skeyauthentication: 'kbdinteractiveauthentication',
  smartcarddevice: 'pkcs11provider',
  tisauthentication: 'kbdinteractiveauthentication',
}

/** What OpenSSH knows, and what makes no difference to how a host is reached here. */
export const otherKeywords: ReadonlySet<string> = new Set(
  `addkeystoagent afstokenpassing canonicaldomains canonicalizefallbacklocal canonicalizemaxdots casignaturealgorithms
  channeltimeout checkhostip cipher ciphers clearallforwardings compression compressionlevel controlmaster controlpersist
  dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fallbacktorsh fingerprinthash
  forkafterauthentication forwardx11 forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile2
  gssapidelegatecredentials hostbasedacceptedalgorithms hostbasedauthentication hostbasedkeytypes hostkeyalgorithms ipqos
  kbdinteractivedevices keepalive kerberosauthentication kerberostgtpassing kexalgorithms localcommand localforward loglevel
  logverbose macs nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming permitlocalcommand
  permitremoteopen protocol proxyusefdpass pubkeyacceptedalgorithms pubkeyacceptedkeytypes rekeylimit remotecommand
  remoteforward requesttty requiredrsasize revokedhostkeys rhostsauthentication rhostsrsaauthentication rsaauthentication
  sendenv sessiontype stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tcpkeepalive tunnel tunneldevice
  useprivilegedport userknownhostsfile2 useroaming usersh visualhostkey warnweakcrypto xauthlocation`.split(/\s+/),
)

/** Whether OpenSSH knows a keyword, in lower case. */
export const isKeyword = (name: string): boolean =>
  Object.hasOwn(keywords, name) || Object.hasOwn(aliases, name) || otherKeywords.has(name)
