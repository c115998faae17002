/** POSIX text that prints the ids of detached steps that still run or whose result nobody took, on one line. */
export const pendingScript = (): string => ':'
