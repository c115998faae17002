import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** Writes a file below it, and gives its path. */
  write(name: string, text: string): Promise<string>
}

/** A new empty folder, removed when disposed. */
export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tsplay-test-')))
  const write = async (name: string, text: string) => {
    const file = join(path, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    return file
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
