import type { Emit, Stopping } from '../engine/events.ts'
import type { Stop } from '../engine/stop.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const messages: Readonly<Record<Stopping['stage'], string>> = {
  1: 'what runs is finished, nothing new is begun (Ctrl-C again to abort it)',
  2: 'running bodies are aborted, only clean-up still runs, 30 s at most (Ctrl-C again to kill everything)',
  3: 'what runs on the hosts is killed; steps that must not stop half-way end there on their own',
}

/** How long the run has to end after the third signal, in milliseconds, before the process ends by force. */
const lastMs = 3000

export interface InterruptOptions {
  readonly stop: Stop
  readonly emit: Emit
  /** Ends the process by force. Called when the third signal had no effect, or a fourth came. */
  readonly forceExit: () => void
}

/** Lets signals stop a run, one stage each, until disposed. Gives also the function that counts as a signal. */
export function onInterrupt(options: InterruptOptions): Disposable & { readonly request: () => void } {
  let timer: NodeJS.Timeout | undefined
  const request = () => {
    const { stop } = options
    // A failure may have stopped the run already: the user's first wish then goes on from there.
    if (stop.stage === 3) return options.forceExit()
    const stage = (stop.stage + 1) as Stopping['stage']
    stop.request()
    options.emit({ type: 'stopping', at: Date.now(), stage, message: messages[stage] })
    if (stage === 3) timer = setTimeout(options.forceExit, lastMs).unref()
  }
  for (const signal of signals) process.on(signal, request)
  return {
    request,
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, request)
    },
  }
}
