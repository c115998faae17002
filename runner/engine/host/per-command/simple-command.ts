import { TsplayError } from '../../../model/errors.ts'

/** What a shell makes of a character outside quotes, where that is more than part of a word. */
const special: Readonly<Record<string, string>> = {
  '|': 'a pipe',
  '&': 'several commands',
  ';': 'several commands',
  '\n': 'several commands',
  '<': 'a redirection',
  '>': 'a redirection',
  '(': 'a subshell',
  ')': 'a subshell',
  '*': 'a pattern of file names',
  '?': 'a pattern of file names',
  '[': 'a pattern of file names',
  $: 'an expansion',
  '`': 'an expansion',
}

/** POSIX XCU 2.4 and 2.14, and `cd` and the like: words that the shell itself acts on. */
const shellWords =
  /^(?:[!{}]|if|then|else|elif|fi|do|done|case|esac|while|until|for|break|continue|\.|:|eval|exec|exit|export|readonly|return|set|shift|times|trap|unset|alias|bg|cd|command|fg|getopts|hash|jobs|local|read|type|ulimit|umask|unalias|wait)$/

/**
 * A simple command as POSIX has it (XCU 2.9.1), of words alone: what a shell gives to one program as it stands, so that the
 * same text after `sudo` means the same. Gives it without the white space around it.
 *
 * @throws TsplayError OPTIONS for text that a shell does more with, with what that is.
 */
export function simpleCommand(text: string): string {
  const command = text.trim()
  const refuse = (what: string): never => {
    throw new TsplayError('OPTIONS', `sudo runs one program at a time there, and the command has ${what}: ${command}`, {
      hint: 'Give it one program with its words. What no privilege is needed for belongs before or after it, in the playbook.',
    })
  }
  let quoted = ''
  let atStart = true
  for (let i = 0; i < command.length; i++) {
    const char = command[i] ?? ''
    if (quoted === "'") {
      if (char === "'") quoted = ''
    } else if (char === '\\') i++
    else if (char === '$' || char === '`') refuse('an expansion')
    else if (quoted === '"') {
      if (char === '"') quoted = ''
    } else if (char === "'" || char === '"') quoted = char
    else if (special[char] !== undefined) refuse(special[char])
    else if (atStart && char === '#') refuse('a comment')
    else if (atStart && char === '~') refuse('an expansion')
    atStart = quoted === '' && /\s/.test(char)
  }
  if (quoted !== '') refuse(`no end of its ${quoted}`)
  const first = /^\S*/.exec(command)?.[0] ?? ''
  if (first === '') refuse('no word')
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(first)) refuse('a variable before it (say it by `env`)')
  if (shellWords.test(first)) refuse(`"${first}", which is the shell's own`)
  return command
}
