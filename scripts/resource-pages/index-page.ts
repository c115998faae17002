import type { Declared } from './declared.ts'

/** What the folders of tasks/ are about, in the order of the index. */
const titles: Readonly<Record<string, string>> = {
  files: 'Files',
  packages: 'Packages',
  system: 'The system',
  kubernetes: 'Kubernetes',
}

/** The index of all pages, grouped as tasks/ is. */
export function indexPage(declared: readonly Declared[]): string {
  const folders = [...new Set([...Object.keys(titles), ...declared.map(({ folder }) => folder).toSorted()])]
  const groups = folders.flatMap((folder) => {
    const own = declared.filter((it) => it.folder === folder).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    if (own.length === 0) return []
    return [`## ${titles[folder] ?? folder}`, own.map(line).join('\n')]
  })
  return `${[head, ...groups].join('\n\n')}\n`
}

const head = `# Resources and tasks

<!-- Made by \`npm run docs\` of the declarations, which are the place to change it. -->

What \`tsplay/tasks\` exports. A resource goes to \`host.ensure\`, one or a list; a task is called with the host. In the examples
\`host\` is what a play's body or a task is given.

Options are checked before anything is asked of a host: an error \`OPTIONS\` says what is wrong, and what would be right. What the
host refuses is an error \`COMMAND\` with what it said. Times are in milliseconds, and say so in their names.
Your own resources: [Writing a resource](../resources.md).`

const line = ({ name, kind, text }: Declared) =>
  `- [\`${name}\`](${name}.md)${kind === 'task' ? ' (a task)' : ''}: ${firstSentence(text)}`

/** Up to the first full stop; one in parentheses or in code ends nothing. */
const firstSentence = (text: string) =>
  (/^(?:\([^)]*\)|`[^`]*`|[^.(`]|\.(?!\s))*\.(?=\s|$)/.exec(text)?.[0] ?? text).replaceAll(/\s+/g, ' ')
