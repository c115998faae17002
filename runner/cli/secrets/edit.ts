import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { TsplayError } from '../../model/errors.ts'
import type { Console } from '../console.ts'

/** Gives a text to the user's editor, in a folder that only they can read and that lies in memory where the system has one. */
export async function editText(name: string, text: string, { env }: Pick<Console, 'env'>): Promise<string> {
  const folder = await mkdtemp(join(await memoryFolder(env['XDG_RUNTIME_DIR']), 'tsplay-edit-'))
  const file = join(folder, basename(name))
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    await runEditor(env['VISUAL'] || env['EDITOR'] || 'vi', file)
    return await readFile(file, 'utf8')
  } finally {
    // With whatever the editor has left beside it.
    await rm(folder, { recursive: true, force: true })
  }
}

async function memoryFolder(runtime: string | undefined): Promise<string> {
  for (const folder of [runtime, '/dev/shm']) {
    if (folder && (await stat(folder).catch(() => undefined))?.isDirectory()) return folder
  }
  return tmpdir()
}

async function runEditor(editor: string, file: string): Promise<void> {
  // Ctrl-C is the editor's: whoever started it must outlive it, to take the text away.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    // The variable may hold options too, which only a shell takes apart.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0)
      throw new TsplayError('USAGE', `the editor ended with code ${code}: nothing was changed (${editor})`)
  } finally {
    process.off('SIGINT', ignore)
  }
}
