/** Options that a mount shows, each with what it is without it (mount(8)). */
const shown: Readonly<Record<string, string>> = { ro: 'rw', nosuid: 'suid', nodev: 'dev', noexec: 'exec' }

/** Options for mount(8) and systemd alone, which the kernel never hears of. */
const outside = /^(?:defaults|auto|noauto|nofail|_netdev|users?|nousers?|owner|group|comment=.*|x-.*|X-.*)$/

export const optionList = (options: string): string[] => options.split(',').filter((option) => option !== '')

/** What to tell mount(8), with what is not wanted said too, since a remount keeps what it is not told of. */
export function kernelOptions(options: string): string {
  const given = optionList(options).filter((option) => !outside.test(option))
  const unsaid = Object.entries(shown).flatMap(([on, off]) => (given.includes(on) || given.includes(off) ? [] : [off]))
  return [...given, ...unsaid].join(',')
}

/** Which of the options that a mount shows are otherwise than asked for: as they are, and as they are to be. */
export function optionDifferences(
  options: string,
  found: readonly string[],
): { readonly before: string[]; readonly after: string[] } {
  const given = optionList(options)
  const pairs = Object.entries(shown).flatMap(([on, off]): [string, string][] => {
    const wanted = given.includes(on)
    return wanted === found.includes(on) ? [] : [wanted ? [off, on] : [on, off]]
  })
  const times = ['noatime', 'relatime', 'nodiratime'].filter((time) => given.includes(time) && !found.includes(time))
  return {
    before: pairs.map(([before]) => before),
    after: [...pairs.map(([, after]) => after), ...times],
  }
}
