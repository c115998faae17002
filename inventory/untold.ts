/** Names of variables whose values are not to be shown in an error. */
const secretName = /passw|[_-]?pass$|passphrase|secret|token|credential|private_?key(?!_?file)|api_?key/i

/** Whether a variable of this name holds a secret, as far as its name tells. */
export const isSecretName = (name: string): boolean => secretName.test(name)

const entry = /((?:^|[\s{,"'-])([\w.-]+)["']?(?::[ \t]+|[ \t]*=[ \t]*))(?=[^\s#])/g

/** A source line without what follows the first key that {@link isSecretName}; the line itself where none does. */
export function withoutSecrets(line: string): string {
  for (const match of line.matchAll(entry)) {
    if (isSecretName(match[2] ?? '')) return `${line.slice(0, match.index + match[0].length)}(not shown)`
  }
  return line
}
