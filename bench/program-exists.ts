import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Whether a program is on the PATH. */
export async function programExists(name: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (
      await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true
  }
  return false
}
