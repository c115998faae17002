/** What {@link parseSshArgs} understands of ssh's options. */
export interface SshArgs {
  proxyJump?: string
  port?: string
  user?: string
  sshConfig?: string
  identityFiles?: string[]
  hostKeys?: 'refuse' | 'accept-new'
}

/** Thrown by {@link parseSshArgs}; the caller adds file and line. */
export class SshArgsFault extends Error {}

/** Options about sharing connections and quietness, which mean nothing here: each host has one connection anyway. */
const ignored = new Set(['controlmaster', 'controlpersist', 'controlpath', 'loglevel'])

/**
 * Reads `ansible_ssh_common_args`: `-J`, `-p`, `-l`, `-i`, `-F`, and `-o` with ProxyJump, Port, User, IdentityFile,
 * StrictHostKeyChecking, or a ProxyCommand that is `ssh -W %h:%p HOST`. Throws {@link SshArgsFault} for any other.
 */
export function parseSshArgs(text: string): SshArgs {
  const words = splitWords(text)
  const found: SshArgs = {}
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '-q' || word === '-C') continue
    const match = /^-([JpliFo])(.*)$/s.exec(word)
    if (!match) throw new SshArgsFault(`"${word}" is not supported`)
    const value = match[2] || words[++i]
    if (value === undefined) throw new SshArgsFault(`"${word}" has no value`)
    set(found, match[1] ?? '', value)
  }
  return found
}

function set(found: SshArgs, letter: string, value: string): void {
  if (letter === 'J') found.proxyJump = value
  else if (letter === 'p') found.port = value
  else if (letter === 'l') found.user = value
  else if (letter === 'F') found.sshConfig = value
  else if (letter === 'i') (found.identityFiles ??= []).push(value)
  else setOption(found, value)
}

function setOption(found: SshArgs, option: string): void {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(option) ?? []
  const text = /^"(.*)"$/s.exec(value)?.[1] ?? value
  if (text === '') throw new SshArgsFault(`"-o ${option}" has no value`)
  switch (name.toLowerCase()) {
    case 'proxyjump':
      found.proxyJump = text
      break
    case 'proxycommand':
      found.proxyJump = jumpOf(text)
      break
    case 'port':
      found.port = text
      break
    case 'user':
      found.user = text
      break
    case 'identityfile':
      ;(found.identityFiles ??= []).push(text)
      break
    case 'stricthostkeychecking':
      // Changed keys are refused even where ssh was told not to check at all.
      found.hostKeys = /^(?:no|off|accept-new)$/i.test(text) ? 'accept-new' : 'refuse'
      break
    default:
      if (!ignored.has(name.toLowerCase())) throw new SshArgsFault(`"-o ${name}" is not supported`)
  }
}

/** The jump host of `ssh -W %h:%p [-q] [-p PORT] [USER@]HOST`. */
function jumpOf(command: string): string {
  let port = ''
  let user = ''
  let host: string | undefined
  let forwards = false
  const words = splitWords(command)
  const fault = () => new SshArgsFault(`this ProxyCommand is not supported: ${command}`)
  if (!/(?:^|\/)ssh$/.test(words.shift() ?? '')) throw fault()
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-W') forwards = /^"?\[?%h\]?:%p"?$/.test(words.shift() ?? '')
    else if (word === '-p') port = `:${words.shift() ?? ''}`
    else if (word === '-l') user = `${words.shift() ?? ''}@`
    else if (word.startsWith('-') && word !== '-q') throw fault()
    else if (!word.startsWith('-')) host = host === undefined ? word : ''
  }
  if (!host || !forwards) throw fault()
  return user + host + port
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
