/** Every form in which a secret may show up: as it is, base64 (wherever it begins), URL- and JSON-escaped, and in hexadecimal. */
export function formsOf(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const coded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64')
    // The first and the last group depend on what stands beside.
    return coded.replace(/=+$/, '').slice(shift === 0 ? 0 : 4, -1)
  })
  return [
    ...new Set([
      secret,
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('hex'),
    ]),
  ]
}

/** Names of the places whose text holds a secret in any form, each with the form. */
export const found = (secrets: readonly string[], places: ReadonlyMap<string, string>): string[] =>
  [...places].flatMap(([place, text]) =>
    secrets.flatMap((secret) =>
      formsOf(secret)
        .filter((form) => text.includes(form))
        .map((form) => `${place}: ${form}`),
    ),
  )
