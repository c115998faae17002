import type { Shell } from 'zx'
import { quote } from '../model/quote.ts'

/**
 * The control machine's own POSIX shell, as zx's template tag: values are quoted, nothing is printed, a failure rejects with what
 * the command said. Loaded when first asked for, so that runs that never use it pay nothing.
 */
export async function localShell(): Promise<Shell> {
  const { $ } = await import('zx')
  return $({ verbose: false, shell: '/bin/sh', quote, prefix: '', postfix: '', nothrow: false })
}
