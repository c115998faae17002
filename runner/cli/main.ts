#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts'
import { exitCodes } from './exit-code.ts'

// Before all that is to be kept is loaded.
keepCompiled()
const { runProgram } = await import('./program.ts')

// A reader that left (`| head`) ends no run: what is done on hosts goes on, and its result is in the journal.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

await runProgram({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  args: process.argv.slice(2),
  exitWith(code) {
    process.exitCode = code
  },
  forceExit() {
    process.exit(exitCodes.interrupted)
  },
})
