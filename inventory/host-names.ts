import type { TsplayError } from '../runner/model/errors.ts'
import { parseAddress } from './address.ts'
import { expandRanges, RangeFault } from './host-range.ts'
import { isPrintable } from './printable.ts'

/** The hosts that an entry of an inventory stands for, and the port that was appended to it: `web[1:3].lan:2222`. */
export function hostNames(
  entry: string,
  error: (message: string, hint?: string) => TsplayError,
): { readonly names: readonly string[]; readonly port: number | undefined } {
  const { name, port } = (/[:[]/.test(entry) ? parseAddress(entry) : undefined) ?? { name: entry, port: undefined }
  if (name.trim() === '' || /[\s,]/.test(name))
    throw error(`"${entry}" is no host name: it holds a space or a comma`, 'Write each host as an entry of its own.')
  if (!isPrintable(name)) throw error(`"${name}" is no host name: it holds a control character`)
  try {
    return { names: expandRanges(name), port }
  } catch (fault) {
    if (fault instanceof RangeFault)
      throw error(fault.message, 'Ranges are written web[1:20], web[01:20], db[a:f] or n[0:10:2].')
    throw fault
  }
}
