import type { Console } from '../../runner/cli/console.ts'
import { buildProgram } from '../../runner/cli/program.ts'
import { readDeclarations } from '../../scripts/resource-pages/reader.ts'
import { assert, suite } from '../helpers/suite.ts'
import { root, textOf } from './pages.ts'

const page = 'docs/from-ansible.md'

/** Words of JavaScript and Node, and names that stand for whatever a user has. */
const others = new Set(
  `async await catch const error Error finally for false fetch for if import new npm npx process env return throw true try tsc
  act body code condition host nginx names options ran result resource site text undo`.split(/\s+/),
)

/** The second column of the page's tables: what there is here. */
const columns = (text: string): string[] =>
  text.split('\n').flatMap((line) => (/^\| .* \|$/.test(line) ? [line.split(' | ').slice(1).join(' | ')] : []))

const codeIn = (text: string): string[] => [...text.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , code = '']) => code.trim())

/** Names in a piece of code, without what is in quotes and templates, paths, and names with underscores, which are not ours. */
const namesIn = (code: string): string[] =>
  code
    .replaceAll(/'[^']*'|`[^`]*`|\S*[/~]\S*|\bnode:\w+|\b\w+_\w+\b/g, ' ')
    .split(/[^\w-]+/)
    .filter((word) => /^[A-Za-z]\w*$/.test(word))

suite(
  'the page for those who come from Ansible',
  (test) => {
    test('names nothing of ours that is not there', async () => {
      const { declared, exports, members } = readDeclarations(root)
      const options = declared.flatMap(({ parameters }) => parameters.flatMap((it) => it.members.map(({ name }) => name)))
      const known = new Set([...exports.values(), members, options, others].flatMap((names) => [...names]))
      const program = await buildProgram({ args: [] as readonly string[] } as Console)
      const flags = new Set(program.commands.flatMap(({ options: own }) => own.flatMap(({ long, short }) => [long, short])))
      const wrong = codeIn(columns(await textOf(page)).join('\n')).flatMap((code) => {
        const command = /^tsplay (\w+)/.exec(code)?.[1]
        if (command !== undefined) return program.commands.some((it) => it.name() === command) ? [] : [code]
        if (code.startsWith('-')) return flags.has(code.split(' ')[0]) ? [] : [code]
        return namesIn(code).filter((name) => !known.has(name))
      })
      assert.equal(wrong, [])
    })

    test('would notice a name that is not there', () => {
      assert.equal(namesIn("host.ensure(fiel({ path: '/etc/motd' }))"), ['host', 'ensure', 'fiel', 'path'])
      assert.equal(codeIn('``host.read`cat /etc/motd`.text()`` and `file`'), ['host.read`cat /etc/motd`.text()', 'file'])
    })
  },
  300_000,
)
