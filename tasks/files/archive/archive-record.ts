const block = 512
/** Stands for NUL, which shells can't hold. */
const nul = '~'

/** What is recorded in an archive: the digest of all that is in it. */
export const record = (digest: string): string => `tsplay sha256:${digest}`

/** A sed(1) expression that finds the digest in text that holds a record. */
export const recordPattern = 's/.*tsplay sha256:\\([0-9a-f]\\{64\\}\\).*/\\1/p'

/**
 * Shell text that prints the first two blocks of a tar archive: a global header of pax (pax(1), "ustar interchange
 * format") with a comment, which whatever reads tar skips. `git archive` keeps its commit in the same place.
 */
export function recordHeader(digest: string): string {
  const text = `comment=${record(digest)}\n`
  // A line of pax begins with its own length, here of two digits.
  const line = `${text.length + 3} ${text}`
  const header = (checksum: string) =>
    [
      'pax_global_header'.padEnd(100, nul),
      `0000644${nul}0000000${nul}0000000${nul}`,
      `${line.length.toString(8).padStart(11, '0')}${nul}`,
      `00000000000${nul}`,
      checksum,
      'g'.padEnd(101, nul),
      `ustar${nul}00`,
      `root`.padEnd(32, nul),
      `root`.padEnd(32, nul),
      `0000000${nul}0000000${nul}`,
    ]
      .join('')
      .padEnd(block, nul)
  const bytes = Buffer.from(header(' '.repeat(8)).replaceAll(nul, '\0'))
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  const blocks = header(`${sum.toString(8).padStart(6, '0')}${nul} `) + line.padEnd(block, nul)
  return `printf %s '${blocks}'|tr '${nul}' '\\0'`
}
