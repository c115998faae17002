/** One test process: loads the files it is given, then runs their suites one after another. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

declare global {
  var UVU_DEFER: number
  var UVU_QUEUE: unknown[][]
  var UVU_INDEX: number
}

// Set here and not by the parent: the TypeScript loader keeps its cache in the machine's own temporary folder.
process.env['TMPDIR'] = process.env['TSPLAY_TEST_TMPDIR']
globalThis.UVU_DEFER = 1
const { runSuites } = await import('../helpers/suite.ts')
const { loadingFile, recordBroken } = await import('../helpers/test-record.ts')

for (const [index, file] of process.argv.slice(2).entries()) {
  globalThis.UVU_INDEX = index
  globalThis.UVU_QUEUE.push([file])
  loadingFile(file)
  try {
    await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    console.error(`${file} can not be loaded:`, error)
    recordBroken(file, String(error))
  }
}
await runSuites()
