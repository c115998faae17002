import type { Finding } from './finding.ts'

/** What a login shell may take until it runs the command that it was given, in milliseconds; more on a busy or far host. */
const limit = (tripMs: number) => Math.max(700, 8 * tripMs)

/** What each shell reads before a command that ssh gives it, though it is no interactive one. */
const startFiles: Readonly<Record<string, string>> = {
  bash: '/etc/bash.bashrc and ~/.bashrc',
  zsh: '/etc/zsh/zshenv and ~/.zshenv',
  fish: '~/.config/fish/config.fish and conf.d',
  tcsh: '/etc/csh.cshrc and ~/.tcshrc',
  csh: '/etc/csh.cshrc and ~/.cshrc',
  mksh: '~/.mkshrc',
}

/** Whether a login shell is slow to start: every session of a run, and every upload of a large file, waits for it. */
export function slowStart(openedMs: number, tripMs: number, shell: string): Finding[] {
  // A channel, the program in it, and its first words.
  const startMs = openedMs - 3 * tripMs
  if (startMs <= limit(tripMs)) return []
  const name = shell.split('/').at(-1) ?? ''
  const files = startFiles[name]
  return [
    {
      what: 'shell start',
      found: `${shell} takes ${(startMs / 1000).toFixed(1)} s until it runs anything`,
      remedy:
        files === undefined
          ? 'see what it reads at its start, and what PAM does at a login (sshd, /etc/pam.d/sshd)'
          : `see what ${files} run for shells that are not interactive: at their top, case $- in *i*) ;; *) return ;; esac`,
    },
  ]
}
