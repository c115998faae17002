import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedFolder } from '../helpers/fetched.ts'
import { bringPrograms } from './programs.ts'

const packages = ['openrc', 'librc1', 'libeinfo1']

/** The files of Debian's OpenRC, in a folder of the user's cache, where they are kept; they are fetched, and not installed. */
export function openrcFiles(): string {
  const cache = fetchedFolder()
  const kept = join(cache, 'openrc')
  if (existsSync(kept)) return kept
  mkdirSync(cache, { recursive: true })
  const draft = mkdtempSync(join(cache, 'new-'))
  try {
    const words = ['-q', '-o', 'APT::Sandbox::User=root', 'download', ...packages]
    execFileSync('apt-get', words, { cwd: draft, stdio: 'pipe' })
    const archives = readdirSync(draft).filter((name) => name.endsWith('.deb'))
    for (const name of archives) execFileSync('dpkg-deb', ['-x', join(draft, name), join(draft, 'files')])
    renameSync(join(draft, 'files'), kept)
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(kept)) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return kept
}

/** With the program that Debian's OpenRC starts daemons by, and the file that Debian's asks for at each start. */
export function bringOpenrc(root: string, files: string): void {
  cpSync(files, root, { recursive: true, verbatimSymlinks: true })
  const libraries = readdirSync(join(root, 'lib')).filter((name) => name.endsWith('-linux-gnu'))
  for (const folder of libraries) {
    const needs = execFileSync('ldd', [join(root, 'sbin/openrc-run')], { encoding: 'utf8' }).matchAll(/=> (\/\S+)/g)
    bringPrograms(
      root,
      [...needs].map(([, path = '']) => path).filter((path) => path.includes(folder)),
    )
  }
  rmSync(join(root, 'sbin/start-stop-daemon'), { force: true })
  bringPrograms(root, ['/sbin/start-stop-daemon'])
  writeFileSync(join(root, 'etc/insserv.conf'), '')
}

/** What its own start at boot makes in /run: the folders of its states, and the runlevel that it is in (init.sh, openrc(8)). */
export const openrcStart = `cd /run && mkdir openrc && cd openrc &&
mkdir daemons exclusive failed hotplugged inactive options scheduled started starting stopping tmp wasinactive &&
printf default >softlevel`
