import { existsSync } from 'node:fs'

/**
 * A static apk of Alpine, where `TSPLAY_APK` names one. Debian has no package of it, so most machines that tests run on
 * have none.
 */
export const apkProgram = [process.env['TSPLAY_APK'], '/sbin/apk.static'].find(
  (path) => path !== undefined && existsSync(path),
)

export const apkProblem = apkProgram === undefined ? 'there is no static apk on this machine (TSPLAY_APK)' : undefined
