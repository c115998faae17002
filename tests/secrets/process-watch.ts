import { readdir, readFile } from 'node:fs/promises'

/** What was seen of processes while they ran. */
export interface ProcessWatch {
  /** Stops, and gives every argument list and environment that was seen, each once. */
  stop(): Promise<readonly string[]>
}

/**
 * Reads the argument lists and environments of all processes of this machine, sandbox hosts' included, again and again.
 * A process that lives shorter than one round may be missed: a test that relies on it runs something for longer.
 */
export function watchProcesses(): ProcessWatch {
  const seen = new Set<string>()
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const names = await readdir('/proc')
      for (const pid of names.filter((name) => /^\d+$/.test(name))) {
        for (const file of ['cmdline', 'environ']) {
          const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
          if (text !== '') seen.add(text)
        }
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return [...seen]
    },
  }
}
