import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { eventually } from './processes.ts'
import { skip } from './suite.ts'

const run = promisify(execFile)

/** podman with storage of a test's own. */
export interface Podman extends AsyncDisposable {
  /** Starts a container from a root folder, and gives its name. */
  run(root: string): Promise<string>
  /** Shell text of a program that is podman with this storage. */
  readonly program: string
}

/** Limits that a machine without the right to raise any can give; podman itself would ask for more. */
const modest = [
  '--ulimit',
  'nofile=1000:1000',
  '--ulimit',
  'nproc=1000:1000',
  '--network',
  'none',
  '--cgroups',
  'disabled',
]

/**
 * podman in a mount namespace in which the control groups are of one kind: crun takes no hybrid ones. The test is skipped
 * where that, or a container, can not be had.
 */
export async function podman(): Promise<Podman> {
  if (!existsSync('/usr/bin/podman')) skip('podman is not installed: apt-get install -y podman crun')
  // Its paths may have 50 characters.
  const folder = await mkdtemp('/tmp/tsplay-podman-')
  const where = [`--root=${folder}/storage`, `--runroot=${folder}/run`, '--storage-driver=vfs', '--runtime=crun']
  const own = ['/usr/bin/podman', ...where, '--cgroup-manager=cgroupfs', '--events-backend=none']
  const hold = 'umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec cat'
  const keeper = spawn('unshare', ['--mount', 'sh', '-c', hold], { stdio: ['pipe', 'pipe', 'ignore'] })
  await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')])
  if (keeper.exitCode !== null) skip('podman needs a mount namespace, which this machine refuses')
  const inside = ['nsenter', '--mount', '--target', String(keeper.pid), '--', ...own]
  const call = (...args: string[]) => run('/usr/bin/env', [...inside, ...args])
  return {
    program: `exec ${inside.join(' ')} "$@"`,
    async run(root) {
      try {
        await run('tar', ['-C', root, '-cf', `${folder}/root.tar`, '.'])
        await call('import', `${folder}/root.tar`, 'box')
        await call('run', '--detach', '--name', 'box', '--hostname', 'within', ...modest, 'box', 'sleep', '600')
      } catch (error) {
        skip(`podman can start no container here: ${String(error).trim().split('\n').at(-1)}`)
      }
      return 'box'
    },
    async [Symbol.asyncDispose]() {
      await call('rm', '--all', '--force', '--time', '0').catch(() => {})
      await ended(keeper)
      // What podman leaves to tidy up after a container would make the folder anew.
      const busy = () =>
        run('pgrep', ['-f', folder]).then(
          () => false,
          () => true,
        )
      await eventually(busy, 10_000)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function ended(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return
  const exit = once(keeper, 'exit')
  keeper.stdin?.end()
  await exit
}
