import { TsplayError } from '../runner/model/errors.ts'

/** The default export of an inventory module; what it returns where it is a function. Throws `INVENTORY`. */
export async function evaluateModule(file: string, importModule: (file: string) => Promise<unknown>): Promise<unknown> {
  try {
    const module = await importModule(file)
    const made: unknown =
      typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
    if (made === undefined) {
      const hint = 'Write: export default inventory({ … })'
      throw new TsplayError('INVENTORY', `${file}: the module has no default export`, { hint })
    }
    return typeof made === 'function' ? await (made as () => unknown)() : made
  } catch (error) {
    if (error instanceof TsplayError) throw error
    const text = error instanceof Error ? error.message : String(error)
    throw new TsplayError('INVENTORY', `${file}: the module failed: ${text}`, { cause: error })
  }
}
