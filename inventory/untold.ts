/** Names of variables whose values are not to be shown in an error. */
const secretName = /passw|[_-]?pass$|passphrase|secret|token|credential|private_?key(?!_?file)|api_?key/i

/** Whether a variable of this name holds a secret, as far as its name tells. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** A key before its value. It begins where no other character of one is before it, so that a long run is gone through once. */
const entry = /(?<![\w.-])([\w.-]+)["']?(?::[ \t]+|[ \t]*=[ \t]*)(?=[^\s#])/g

/** A source line without what follows `!age`, or the first key that {@link isSecretName}; the line itself where there is neither. */
export function withoutSecrets(line: string): string {
  const tagged = /!age[ \t]+(?=[^\s|>])/.exec(line)
  for (const match of line.matchAll(entry)) {
    const end = match.index + match[0].length
    if (tagged && tagged.index < end) break
    if (isSecretName(match[1] ?? '')) return `${line.slice(0, end)}(not shown)`
  }
  return tagged ? `${line.slice(0, tagged.index + tagged[0].length)}(not shown)` : line
}
