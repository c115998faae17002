/** Texts that break what is built carelessly. */
export const hostileTexts: Readonly<Record<string, string>> = {
  empty: '',
  'a lone newline': '\n',
  'no final newline': 'text',
  'several final newlines': 'text\n\n\n',
  quotes: `it's "quoted" \`and\` \\escaped\\ \\n \\0`,
  substitution: '$(touch /tmp/owned) ${HOME} $HOME `id` $((1+1)) !! %s %d\n',
  'the probe’s own words': 'end\ncontent\nabsent\nend\n',
  unicode: 'Grüße, 世界 🙂 \u202e\ufeff\u0301\n',
  'a byte order mark': '\ufeffx\n',
  'control characters': '\u0001\u001b[31m\u007f\t\r\n\r',
  'NUL bytes': 'a\0b\0\n',
  'CR LF': 'a\r\nb\r\n',
  'leading dashes': '-n -e --help\n',
  '70 KB': 'x'.repeat(69_999) + '\n',
}

/** Names of one path component that break what is built carelessly. */
export const hostileNames: readonly string[] = [
  '-rf',
  '--',
  ' ',
  'a b',
  "it's",
  '"q"',
  '$(touch owned)',
  '`id`',
  'new\nline',
  'ends in newline\n',
  '*',
  '?[a]',
  'ü 世界 🙂',
  'back\\slash',
  '%s%n',
  '#',
  '~',
  '...',
  'x'.repeat(200),
]

/** All of it in one name. */
export const ugliestName = `-n 'a' "b" $(touch owned) \`id\`; * \\ %s ü\n~ `

/** Every name in one shell, the ugliest in the others: they differ in quoting, not in what a file system is. */
export const namesFor = (shell: string): readonly string[] =>
  shell === 'dash' ? [...hostileNames, ugliestName] : [ugliestName]
