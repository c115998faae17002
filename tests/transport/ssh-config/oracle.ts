import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readConfigFile } from '../../../runner/transport/ssh/config/file.ts'
import { resolveInProcess } from '../../../runner/transport/ssh/config/in-process.ts'
import { keywords } from '../../../runner/transport/ssh/config/keywords.ts'
import { Unsure } from '../../../runner/transport/ssh/config/unsure.ts'
import { skip } from '../../helpers/suite.ts'

const run = promisify(execFile)

export interface Asked {
  readonly host: string
  readonly user?: string
  readonly port?: number
  /** As `-o` takes them. */
  readonly options?: readonly string[]
}

/** Values by keyword, several lines joined by `|`; or why there are none. */
export type Outcome = Readonly<Record<string, string>> | { readonly refused: string }

/** Configuration files by path below a home (`.ssh/config`, …) or the system's folder (`/etc/ssh/…`). */
export type Files = Readonly<Record<string, string>>

/** What `ssh -G` itself does not show, or not in all versions. */
const unseen = new Set(['ignoreunknown', 'tag', 'canonicalizepermittedcnames', 'securitykeyprovider'])
const compared = Object.keys(keywords).filter((keyword) => !unseen.has(keyword))

/** The same files for both: OpenSSH's ssh finds them in place of this machine's own, in a mount namespace. */
export class ConfigOracle implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async with(files: Files): Promise<ConfigOracle> {
    if (process.getuid?.() !== 0) skip('it lays files over those of this machine, and needs root for it')
    const folder = await mkdtemp('/tmp/tsplay-oracle-')
    for (const below of ['home/.ssh', 'etc/ssh']) await mkdir(join(folder, below), { recursive: true })
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path.startsWith('/') ? path : `home/${path}`)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      await chmod(file, 0o600)
    }
    return new ConfigOracle(folder)
  }

  /** What ssh says, for each question. */
  async openssh(questions: readonly Asked[]): Promise<Outcome[]> {
    const home = userInfo().homedir
    const ask = (option: string, { host, user, port, options = [] }: Asked) => {
      const given = options.map((text) => ` -o '${text}'`).join('')
      return `ssh ${option} -G ${user === undefined ? '' : `-l '${user}'`} ${port === undefined ? '' : `-p ${port}`}${given} -- '${host}' 2>&1; echo "exit $?"`
    }
    const script = [
      `mount --bind ${this.#folder}/home ${home} && mount --bind ${this.#folder}/etc/ssh /etc/ssh || exit`,
      ask('-F none', { host: 'any' }),
      ...questions.map((question) => ask('', question)),
    ].join('\n')
    const env = { ...process.env, HOME: home }
    const { stdout } = await run('unshare', ['-m', 'sh', '-c', script], { maxBuffer: 64 << 20, env })
    const answers = stdout.split(/^exit \d+\n/m)
    const codes = [...stdout.matchAll(/^exit (\d+)$/gm)].map(([, code]) => code)
    const defaults = read(answers[0] ?? '')
    return questions.map((_, index) => {
      const text = answers[index + 1] ?? ''
      if (codes[index + 1] !== '0') return { refused: text }
      return this.#shown(read(text.replaceAll(`${home}/`, `${this.#folder}/home/`)), defaults, home)
    })
  }

  /** What is resolved here, for each question. */
  async own(questions: readonly Asked[]): Promise<Outcome[]> {
    const home = join(this.#folder, 'home')
    const shared = { home, onFile: () => {} }
    const [user, system] = await Promise.all([
      readConfigFile(join(home, '.ssh/config'), { ...shared, own: true, folder: join(home, '.ssh'), checked: true }),
      readConfigFile(join(this.#folder, 'etc/ssh/ssh_config'), {
        ...shared,
        own: false,
        folder: join(this.#folder, 'etc/ssh'),
        checked: false,
      }),
    ])
    const files = [user, system].filter((file) => file !== undefined)
    return questions.map(({ host, user: asked, port, options = [] }) => {
      try {
        const { answer } = resolveInProcess(files, { host, user: asked, port, options }, home)
        return Object.fromEntries(
          compared.flatMap((keyword) => {
            const value = answer[keyword]
            if (value === undefined) return []
            const shown = keywords[keyword]?.kind === 'words' ? value.join(' ') : value.join('|')
            return [[keyword, shown.replaceAll(`${userInfo().homedir}/`, `${home}/`)]]
          }),
        )
      } catch (error) {
        if (!(error instanceof Unsure)) throw error
        return { refused: error.message }
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#folder, { recursive: true })
  }

  /** Without what is merely a default: that is not said by any file. */
  #shown(all: Map<string, string>, defaults: Map<string, string>, home: string): Outcome {
    const usual = (keyword: string) => defaults.get(keyword)?.replaceAll(`${home}/`, `${this.#folder}/home/`)
    return Object.fromEntries(
      [...all].filter(
        ([keyword, value]) => compared.includes(keyword) && (keyword === 'hostname' || value !== usual(keyword)),
      ),
    )
  }
}

/** What both say in the same words; own values that are the defaults are no difference. */
export function differences(own: Outcome, openssh: Outcome, asked: Asked): string[] {
  const defaults: Readonly<Record<string, string>> = {
    ...plainDefaults,
    user: asked.user ?? userInfo().username,
    port: String(asked.port ?? 22),
  }
  const all = new Set([...Object.keys(own), ...Object.keys(openssh)])
  const value = (side: Outcome, keyword: string) =>
    (side as Readonly<Record<string, string>>)[keyword] ?? defaults[keyword] ?? ''
  return [...all]
    .filter((keyword) => value(own, keyword) !== value(openssh, keyword))
    .map((keyword) => `${keyword}: "${value(own, keyword)}", and ssh says "${value(openssh, keyword)}"`)
}

/** ssh_config(5). */
const plainDefaults: Readonly<Record<string, string>> = {
  addressfamily: 'any',
  batchmode: 'no',
  canonicalizehostname: 'false',
  connectionattempts: '1',
  connecttimeout: 'none',
  forwardagent: 'no',
  globalknownhostsfile: '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
  gssapiauthentication: 'no',
  hashknownhosts: 'no',
  identitiesonly: 'no',
  kbdinteractiveauthentication: 'yes',
  passwordauthentication: 'yes',
  pubkeyauthentication: 'true',
  serveralivecountmax: '3',
  serveraliveinterval: '0',
  stricthostkeychecking: 'ask',
  updatehostkeys: 'true',
  verifyhostkeydns: 'false',
}

function read(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    const before = found.get(keyword.toLowerCase())
    // A key that both the user and the system name is shown twice, and counts once.
    if (before?.split('|').includes(value)) continue
    found.set(keyword.toLowerCase(), before === undefined ? value : `${before}|${value}`)
  }
  return found
}
