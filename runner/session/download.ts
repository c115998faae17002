import type { DataProgram } from './data-program.ts'
export async function download(asUser: DataProgram, source: string, localPath: string): Promise<void> {
  throw new Error(`to come ${String(asUser)} ${source} ${localPath}`)
}
