import { groupProbe } from './facts-of/group.ts'
import { moduleProbe } from './facts-of/module.ts'
import { packageProbe } from './facts-of/package.ts'
import { pathProbe } from './facts-of/path.ts'
import { sysctlProbe } from './facts-of/sysctl.ts'
import { unitProbe } from './facts-of/unit.ts'
import { userProbe } from './facts-of/user.ts'
import { scriptProbe } from './probe.ts'

/**
 * The questions that a resource can ask: typed ones about facts that every resource shares, so that one's prediction is
 * seen by the next, and scripts of your own.
 */
export const probe = {
  /** What is at a path: absent, a file (with its digest, and its content if asked), a directory, a link, something else. */
  path: pathProbe,
  /** An account of the user database; `undefined` when there is none of that name. */
  user: userProbe,
  /** A group of the group database; `undefined` when there is none of that name. */
  group: groupProbe,
  /** Whether a package is installed, in which version, and whether it is held. */
  package: packageProbe,
  /** A systemd unit: whether it runs, is enabled, is to be restarted. */
  unit: unitProbe,
  /** A kernel module: whether it is loaded or built in, and whether it is loaded at boot. */
  module: moduleProbe,
  /** A kernel parameter's running value; `undefined` when the kernel has none of that name. */
  sysctl: sysctlProbe,
  /** A read-only script and the parser of what it prints. */
  script: scriptProbe,
} as const
