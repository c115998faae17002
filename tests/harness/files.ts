import { readdir, readFile } from 'node:fs/promises'

/** Signs of a file that starts servers, programs or hosts: it gets a process to itself, so that leftovers have one owner. */
const alone =
  /node:child_process|helpers\/(?:sshd|ssh-agent|program|tsplay|lab)|test-process|sandbox|\blab\/|tarball|process\.(?:chdir|exit|kill)/

/** Files that look at the machine as a whole, which other tests would change under their eyes: nothing runs beside them. */
export const exclusive = (file: string): boolean => file.endsWith('sandbox-machine.test.ts')

/** Every `*.test.ts` below `tests/` whose path contains one of the filters (all when there are none), sorted. */
export async function testFiles(filters: readonly string[]): Promise<string[]> {
  const names = await readdir('tests', { recursive: true })
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => `tests/${name}`)
  const wanted = filters.map((filter) => filter.replace(/^\.\//, ''))
  return files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))).toSorted()
}

/** The files as the processes run them: those that share one, and each of the others by itself, longest names of work first. */
export async function processes(files: readonly string[], shares: number): Promise<string[][]> {
  const together: string[] = []
  const single: string[][] = []
  for (const file of files) {
    if (alone.test(await readFile(file, 'utf8'))) single.push([file])
    else together.push(file)
  }
  const groups = Array.from({ length: shares }, (_, share) => together.filter((_file, i) => i % shares === share))
  const heavy = (group: readonly string[]) => (/faults|main-job|lab|types|tarball/.test(group[0] ?? '') ? 0 : 1)
  return [...single.toSorted((a, b) => heavy(a) - heavy(b)), ...groups.filter((group) => group.length > 0)]
}
