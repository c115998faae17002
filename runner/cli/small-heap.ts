import { setFlagsFromString } from 'node:v8'

/** Below this many hosts a run stays far below what V8 would keep in store. */
const manyHosts = 32

/**
 * Lets V8 keep its heap close to what is in use. Left alone it gives new objects 32 MB and lets old ones double before
 * it looks for dead ones, which is more than two hundred hosts need; that costs no time that could be measured. V8 reads
 * both flags when it next sizes its heap. A thread that is started afterwards resets them: the module hooks come before.
 */
export function keepHeapSmall(hosts: number): void {
  if (hosts < manyHosts) return
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
}
