import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { insideNamespace, namespaceConnection } from './namespace.ts'
import type { Place } from './place.ts'
import { bringOpenrc, openrcStart } from './openrc-files.ts'
import { bringPrograms, brought } from './programs.ts'

const busybox = '/bin/busybox'

/** Programs that start others. */
const starters = 'env find flock nice nohup setpriv setsid timeout xargs'.split(' ').map((name) => `/usr/bin/${name}`)

export interface BusyboxOptions {
  /**
   * What `/bin/sh` is: busybox's own shell, as on Alpine, or dash. Debian's busybox is built so that it prefers its own
   * applets to whatever is on PATH; only with another shell, and others of the programs that start programs, can all of them
   * be replaced.
   * @default 'ash'
   */
  readonly shell?: 'ash' | 'dash'
  /** Where a static apk lies, which is to be its package manager. @default it has none */
  readonly apk?: string
  /** A folder with OpenRC's files, which is to be its init system. @default it has none */
  readonly openrc?: string
}

/** A root in which there is nothing but busybox: the userland of Alpine, without its package manager and init system, unless they are brought. */
export async function busyboxPlace({ shell = 'ash', apk, openrc }: BusyboxOptions = {}): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'tsplay-busybox-'))
  fill(root, shell)
  if (apk !== undefined) bringApk(root, apk)
  if (openrc !== undefined) bringOpenrc(root, openrc)
  const script = `mount --bind ${root} ${root} && mount -t proc proc ${root}/proc && mount -t tmpfs run ${root}/run &&
mount -t sysfs sysfs ${root}/sys; mknod -m 666 ${root}/dev/null c 1 3; mknod -m 666 ${root}/dev/zero c 1 5; mknod -m 666 ${root}/dev/urandom c 1 9
exec chroot ${root} /bin/busybox sleep 100000`
  const flags = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private']
  const holder = spawn('unshare', [...flags, '/bin/sh', '-c', script], { stdio: 'ignore' })
  const ended = once(holder, 'exit')
  const init = await childOf(holder.pid as number)
  if (openrc !== undefined) await insideNamespace(init, openrcStart)
  return {
    name: apk !== undefined ? 'apk' : openrc !== undefined ? 'openrc' : 'busybox',
    files: root,
    bases: [],
    tree: root,
    inside: (text) => insideNamespace(init, text),
    connect: (options) => namespaceConnection(init, options),
    [Symbol.asyncDispose]: async () => {
      holder.kill('SIGKILL')
      await ended
      for (let tries = 0; ; tries++) {
        try {
          rmSync(root, { recursive: true, force: true })
          return
        } catch (error) {
          if (tries > 50) throw error
          await sleep(20)
        }
      }
    },
  }
}

function fill(root: string, shell: 'ash' | 'dash'): void {
  const folders = [
    'bin',
    'sbin',
    'dev',
    'etc',
    'home',
    'proc',
    'root',
    'run',
    'srv',
    'sys',
    'tmp',
    'usr/bin',
    'usr/sbin',
  ]
  for (const folder of [...folders, 'var/log', 'var/lib', 'var/tmp']) mkdirSync(join(root, folder), { recursive: true })
  chmodSync(root, 0o755)
  for (const folder of ['tmp', 'var/tmp']) chmodSync(join(root, folder), 0o1777)
  cpSync(busybox, join(root, 'bin/busybox'))
  const applets = execFileSync(busybox, ['--list-full'], { encoding: 'utf8' }).trim().split('\n')
  for (const applet of applets) {
    if (/(?:^|\/)(?:busybox|dpkg|dpkg-deb|rpm|rpm2cpio|systemctl)$/.test(applet)) continue
    if (shell === 'dash' && (applet === 'bin/sh' || starters.some((path) => path.endsWith(`/${basename(applet)}`))))
      continue
    mkdirSync(dirname(join(root, applet)), { recursive: true })
    symlinkSync('/bin/busybox', join(root, applet))
  }
  if (!applets.includes('bin/env')) symlinkSync('/bin/busybox', join(root, 'bin/env'))
  if (shell === 'dash') {
    bringPrograms(root, ['/bin/dash', ...starters])
    cpSync('/bin/dash', join(root, 'bin/sh'), { dereference: true })
  }
  bringPrograms(root, brought)
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n', { mode: 0o600 })
  writeFileSync(join(root, 'etc/os-release'), 'ID=busybox\nPRETTY_NAME="busybox"\n')
}

/** With an empty database, no repositories, and openssl for keys that sign. */
function bringApk(root: string, apk: string): void {
  cpSync(apk, join(root, 'sbin/apk'), { dereference: true })
  bringPrograms(root, ['/usr/bin/openssl'])
  execFileSync(apk, ['--root', root, 'add', '--initdb'], { stdio: 'ignore' })
  mkdirSync(join(root, 'etc/apk/keys'), { recursive: true })
  writeFileSync(join(root, 'etc/apk/repositories'), '')
}

/** The first process inside, as this machine sees it, once it is in its root. */
async function childOf(pid: number): Promise<number> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    await sleep(20)
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
    if (child > 0 && readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('/bin/busybox')) return child
  }
  throw new Error('the busybox root did not start')
}
