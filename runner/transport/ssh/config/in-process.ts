import { isIP, SocketAddress } from 'node:net'
import { userInfo } from 'node:os'
import { parseJump } from '../stream/jump.ts'
import { Evaluation, expandHostName, type Said } from './evaluate.ts'
import { expandPath, tokens, type TokenValues } from './expand.ts'
import type { ConfigFile } from './file.ts'
import type { HostConfig } from './host-config.ts'
import { parseLine } from './line.ts'
import type { Question } from './openssh.ts'
import { Unsure } from './unsure.ts'

/**
 * What ssh's configuration says of a host, in the words of `ssh -G`, without the defaults. `configured`: the user's file,
 * then the system's. Throws Unsure where only ssh itself can tell.
 */
export function resolveInProcess(
  configured: readonly ConfigFile[],
  question: Omit<Question, 'file'>,
  home: string,
): HostConfig {
  const files = [optionLines(question.options), ...configured]
  const localUser = userInfo().username
  const it = new Evaluation(question.host, localUser)
  if (question.user !== undefined) it.give('user', question.user)
  if (question.port !== undefined) it.give('port', String(question.port))
  for (const file of files) it.read(file, question.host, false)
  const host = finalName(expandHostName(it.one('hostname') ?? '%h', question.host))
  refuseCanonicalisation(it)
  if (it.wantsFinal) {
    it.values.set('hostname', { value: [host], place: it.values.get('hostname')?.place })
    for (const file of files) it.read(file, host, true)
  }
  it.values.set('hostname', { value: [host], place: it.values.get('hostname')?.place })
  const port = Number(it.one('port') ?? 22)
  const user = it.one('user') ?? localUser
  refuseLoop(it.values.get('proxyjump'), { host, port, user })
  return report(it, { home, host, original: question.host, port, user, hostKeyAlias: it.one('hostkeyalias') })
}

/** What `-o` says stands like lines before all files. */
function optionLines(options: readonly string[]): ConfigFile {
  const lines = options.map((option) => parseLine(option, `-o ${option}`)).filter((line) => line !== undefined)
  const stray = lines.find(({ keyword }) => ['host', 'match', 'include'].includes(keyword))
  return { path: '-o', lines, refused: stray && `${stray.place} can only stand in a file` }
}

/** A host that is its own last bastion: ssh refuses it, and says so. Names are compared as they are written. */
function refuseLoop(said: Said | undefined, target: { host: string; port: number; user: string }): void {
  const jump = said?.value[0]
  if (said === undefined || jump === undefined || jump.toLowerCase() === 'none') return
  const last = parseJump(jump).at(-1)
  if (last?.address !== target.host || (last.port ?? 22) !== target.port || (last.user ?? target.user) !== target.user)
    return
  throw new Unsure(`${said.place}: ProxyJump ${jump} is the host itself`)
}

/** Names count in lower case; addresses stay as they are, but for long ways of writing them. */
function finalName(name: string): string {
  if (isIP(name) === 6 && !name.includes('%')) {
    const { address } = new SocketAddress({ address: name, family: 'ipv6' })
    return address.toLowerCase() === name.toLowerCase() ? name : address
  }
  // Such as 127.1: an address as well, in an old way of writing.
  if (isIP(name) === 0 && /^(?:(?:0x[\da-f]+|\d+)(?:\.|$)){1,4}$/i.test(name)) throw new Unsure(`${name} is an address`)
  return name.toLowerCase()
}

/** It looks names up. */
function refuseCanonicalisation(it: Evaluation): void {
  for (const keyword of ['canonicalizehostname', 'canonicalizepermittedcnames']) {
    const said = it.values.get(keyword)
    if (said !== undefined && !['false', 'none'].includes(said.value[0] ?? '')) {
      throw new Unsure(`${said.place}: ${keyword} ${said.value.join(' ')}`, { lasting: false })
    }
  }
}

/** What says that there is nothing, and is not shown. */
const clearedByNone = new Set([
  'controlpath',
  'knownhostscommand',
  'pkcs11provider',
  'proxycommand',
  'proxyjump',
  'securitykeyprovider',
])

/** What `ssh -G` shows with its tokens expanded. */
const expanded = new Set(['controlpath', 'forwardagent', 'identityagent', 'userknownhostsfile'])

function report(it: Evaluation, values: TokenValues): HostConfig {
  const answer: Record<string, readonly string[]> = {}
  const places: Record<string, string> = {}
  const jumps = !['none', undefined].includes(it.one('proxyjump'))
  for (const [keyword, { value, place }] of it.values) {
    if (clearedByNone.has(keyword) && value[0]?.toLowerCase() === 'none') continue
    answer[keyword] = expanded.has(keyword) ? value.map((text) => strictly(text, values, jumps)) : value
    if (place !== undefined) places[keyword] = place
  }
  answer['updatehostkeys'] ??= learnsKeys(it) ? ['true'] : ['false']
  return { answer, places, applied: [...it.applied], asked: undefined }
}

/** ssh_config(5), UpdateHostKeys: not by itself where the user has chosen other files, or DNS, for host keys. */
function learnsKeys(it: Evaluation): boolean {
  const files = it.values.get('userknownhostsfile')?.value.join(' ') ?? '~/.ssh/known_hosts'
  return files === '~/.ssh/known_hosts' && (it.one('verifyhostkeydns') ?? 'false') === 'false'
}

/** Expands as ssh does, which ends at anything that it does not know. */
function strictly(text: string, it: TokenValues, jumps: boolean): string {
  const known = tokens(it)
  if (/^~[^/]/.test(text)) throw new Unsure(`${text} is in another user's home`)
  for (const [whole, letter, variable] of text.matchAll(/%(.?)|\$\{(\w*)\}/gs)) {
    // The jump host is part of %C since OpenSSH 9.6.
    const unknown = letter === undefined ? process.env[variable ?? ''] === undefined : known[letter] === undefined
    if (unknown || (letter === 'C' && jumps)) throw new Unsure(`${text}: what ${whole} stands for is not known here`)
  }
  return expandPath(text, it)
}
