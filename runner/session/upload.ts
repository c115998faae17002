import type { DataProgram } from './data-program.ts'
export async function upload(
  asUser: DataProgram,
  target: string,
  content: Uint8Array | { readonly localPath: string },
): Promise<string> {
  throw new Error(`to come ${String(asUser)} ${target} ${String(content)}`)
}
