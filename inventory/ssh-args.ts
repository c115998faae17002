import { isKeyword } from '../runner/transport/ssh/config/keywords.ts'

/** What {@link parseSshArgs} understands of ssh's options. */
export interface SshArgs {
  proxyJump?: string
  port?: string
  user?: string
  sshConfig?: string
  identityFiles?: string[]
  hostKeys?: 'refuse' | 'accept-new'
  /** All others, as `ssh -o` takes them: `Keyword=value`, the strongest first. */
  sshOptions?: string[]
}

/** Thrown by {@link parseSshArgs}; the caller adds file and line. */
export class SshArgsFault extends Error {}

/** Options about sharing connections and quietness, which mean nothing here: each host has one connection anyway. */
const ignored = new Set(['controlmaster', 'controlpersist', 'controlpath', 'loglevel', 'compression', 'requesttty'])
const ignoredFlags = /^-(?:[qCTntxX]|v+)$/

/** They say for which hosts others count, which is known already; ssh refuses them as well. */
const misplaced = new Set(['host', 'match', 'include'])

/** What a letter stands for. Source: ssh(1). */
const flags: Readonly<Record<string, string>> = {
  '-4': 'AddressFamily=inet',
  '-6': 'AddressFamily=inet6',
  '-A': 'ForwardAgent=yes',
  '-a': 'ForwardAgent=no',
  '-K': 'GSSAPIAuthentication=yes',
}
const valued: Readonly<Record<string, string>> = {
  b: 'BindAddress',
  c: 'Ciphers',
  m: 'MACs',
  I: 'PKCS11Provider',
}

/**
 * Reads `ansible_ssh_common_args`: the options of ssh(1) that say how a host is reached, `-J`, `-p`, `-l`, `-i`, `-F`, `-4`,
 * `-A` and their like, and `-o` with any keyword of ssh_config(5). A ProxyCommand that is `ssh -W %h:%p HOST` becomes a jump
 * host, whose connection all hosts behind it share. Throws {@link SshArgsFault} for any other.
 */
export function parseSshArgs(text: string): SshArgs {
  const words = splitWords(text)
  const found: SshArgs = {}
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (ignoredFlags.test(word)) continue
    const flag = flags[word]
    if (flag !== undefined) {
      addOption(found, flag)
      continue
    }
    const match = /^-([JpliFobcmI])(.*)$/s.exec(word)
    if (!match) throw new SshArgsFault(`"${word}" is not supported`)
    const value = match[2] || words[++i]
    if (value === undefined) throw new SshArgsFault(`"${word}" has no value`)
    set(found, match[1] ?? '', value)
  }
  return found
}

const addOption = (found: SshArgs, option: string) => (found.sshOptions ??= []).push(option)

function set(found: SshArgs, letter: string, value: string): void {
  const keyword = valued[letter]
  if (letter === 'J') found.proxyJump ??= value
  else if (letter === 'p') found.port ??= value
  else if (letter === 'l') found.user ??= value
  else if (letter === 'F') found.sshConfig = value
  else if (letter === 'i') (found.identityFiles ??= []).push(value)
  else if (keyword !== undefined) addOption(found, `${keyword}=${value}`)
  else setOption(found, value)
}

function setOption(found: SshArgs, option: string): void {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(option) ?? []
  const text = /^"(.*)"$/s.exec(value)?.[1] ?? value
  if (text === '') throw new SshArgsFault(`"-o ${option}" has no value`)
  const keyword = name.toLowerCase()
  switch (keyword) {
    case 'proxyjump':
      found.proxyJump ??= text
      break
    case 'proxycommand': {
      const jump = jumpOf(text)
      if (jump === undefined) addOption(found, `${name}=${value}`)
      else found.proxyJump ??= jump
      break
    }
    case 'port':
      found.port ??= text
      break
    case 'user':
      found.user ??= text
      break
    case 'identityfile':
      ;(found.identityFiles ??= []).push(text)
      break
    case 'stricthostkeychecking':
      // Changed keys are refused even where ssh was told not to check at all.
      found.hostKeys ??= /^(?:no|off|accept-new)$/i.test(text) ? 'accept-new' : 'refuse'
      break
    default:
      if (misplaced.has(keyword)) throw new SshArgsFault(`"-o ${name}" is not supported`)
      if (!isKeyword(keyword)) throw new SshArgsFault(`"-o ${name}" is no option of ssh`)
      if (!ignored.has(keyword)) addOption(found, `${name}=${value}`)
  }
}

/** The jump host of `ssh -W %h:%p [-q] [-p PORT] [USER@]HOST`; undefined for any other command. */
function jumpOf(command: string): string | undefined {
  let port = ''
  let user = ''
  let host: string | undefined
  let forwards = false
  const words = splitWords(command)
  if (!/(?:^|\/)ssh$/.test(words.shift() ?? '')) return undefined
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-W') forwards = /^"?\[?%h\]?:%p"?$/.test(words.shift() ?? '')
    else if (word === '-p') port = `:${words.shift() ?? ''}`
    else if (word === '-l') user = `${words.shift() ?? ''}@`
    else if (word.startsWith('-') && word !== '-q') return undefined
    else if (!word.startsWith('-')) host = host === undefined ? word : ''
  }
  return host !== undefined && host !== '' && forwards ? user + host + port : undefined
}

/** Words as a POSIX shell would split them, without any expansion. */
function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(.)/gsy
  for (const [whole, single, double, escaped, bare, odd] of text.matchAll(part)) {
    if (odd !== undefined) throw new SshArgsFault(`a quote is not closed: ${whole}`)
    if (/^\s/.test(whole) && escaped === undefined && single === undefined && double === undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + (single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? bare ?? '')
  }
  if (word !== undefined) words.push(word)
  return words
}
