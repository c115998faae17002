import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
let library: typeof import('yaml') | undefined

/**
 * The library that knows all of YAML and the place of every value. Loading it takes a tenth of a second on a busy machine,
 * and hardly any run needs it: only files that the fast way can't read, and errors.
 */
export function yaml(): typeof import('yaml') {
  library ??= require('yaml') as typeof import('yaml')
  return library
}
