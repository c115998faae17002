import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bootScript, innerScript } from './boot-script.ts'
import { sudoScript } from './sudo-script.ts'

/** What a host's /etc takes from the machine, where the machine has it and everybody may read it. */
const taken = [
   'bash.bashrc', 'ca-certificates.conf', 'crypto-policies', 'debian_version', 'default/useradd',
  'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'login.defs', 'magic', 'mime.types', 'pam.d', 'profile', 'protocols',
  'redhat-release', 'security/limits.conf', 'services', 'shells', 'ssl/openssl.cnf', 'ssl/certs/ca-certificates.crt',
  'pki/tls/certs/ca-bundle.crt', 'pki/ca-trust/extracted/pem/tls-ca-bundle.pem', 'terminfo',
] // prettier-ignore

const folders = [
  'etc/apt', 'etc/sysctl.d', 'etc/modules-load.d', 'etc/sudoers.d', 'etc/cron.d', 'home/sandbox', 'media', 'mnt', 'opt',
  'root', 'srv', 'var/backups', 'var/cache', 'var/lib', 'var/local', 'var/log', 'var/mail', 'var/spool', 'var/tmp',
] // prettier-ignore

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
sandbox:x:1000:1000:Sandbox:/home/sandbox:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`
const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
mail:x:8:
sudo:x:27:sandbox
www-data:x:33:
shadow:x:42:
staff:x:50:
users:x:100:
sandbox:x:1000:
nogroup:x:65534:
`
const nsswitch = 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n'

const names = (table: string) =>
  table
    .split('\n')
    .flatMap((line) => line.split(':', 1))
    .filter((name) => name !== '')

/** Writes what hosts of this run are made with: the scripts, a small /etc, empty homes, and the sudo of a sandbox. */
export async function writeTemplate(folder: string, setpriv: string): Promise<void> {
  const root = join(folder, 'root')
  for (const path of folders) await mkdir(join(root, path), { recursive: true })
  for (const path of taken) await take(path, join(root, 'etc', path))
  const etc = {
    passwd,
    group,
    shadow: names(passwd)
      .map((name) => `${name}:*:19000:0:99999:7:::\n`)
      .join(''),
    gshadow: names(group)
      .map((name) => `${name}:*::${name === 'sudo' ? 'sandbox' : ''}\n`)
      .join(''),
    'nsswitch.conf': nsswitch,
    fstab: '',
    'machine-id': '',
    'sysctl.conf': '',
  }
  for (const [name, text] of Object.entries(etc)) await writeFile(join(root, 'etc', name), text)
  if (await readable('/usr/lib/os-release')) await symlink('../usr/lib/os-release', join(root, 'etc/os-release'))
  else await take('os-release', join(root, 'etc/os-release'))
  await writeDevices(join(folder, 'dev'))
  await writeFile(join(folder, 'boot'), bootScript)
  await writeFile(join(folder, 'inner'), innerScript)
  await writeFile(join(folder, 'sudo'), sudoScript)
  await chmod(join(folder, 'sudo'), 0o755)
  await copyFile(setpriv, join(folder, 'setpriv'))
  // The host's root reads it under an id of its own, whatever the umask here.
  await promisify(execFile)('chmod', ['-R', 'a+rX', folder])
}

/** Links as everywhere, and empty files where the machine's devices are mounted. */
async function writeDevices(dev: string): Promise<void> {
  for (const name of ['pts', 'shm']) await mkdir(join(dev, name), { recursive: true })
  for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty']) await writeFile(join(dev, name), '')
  const links = { fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2', ptmx: 'pts/ptmx' }
  for (const [name, to] of Object.entries(links)) await symlink(to, join(dev, name))
}

async function take(path: string, to: string): Promise<void> {
  const from = join('/etc', path)
  if (!(await readable(from))) return
  await mkdir(join(to, '..'), { recursive: true })
  await cp(from, to, { recursive: true, verbatimSymlinks: true, dereference: false, filter: readable })
}

/** Whether everybody may read it; a link is judged by itself, since it is copied as a link. */
async function readable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && (found.mode & 0o004) !== 0
}
