import { spawn, execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, homedir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../../runner/transport/sandbox/sandbox.ts'
import { assert, suite } from '../helpers/suite.ts'
import { sandboxClient, type SandboxClient } from './sandbox-client.ts'

const shell = (script: string) => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', maxBuffer: 1 << 26 })

/** Folders of the machine that a playbook on this machine would change; each gets a file that must stay as it is. */
const watched = ['/etc', '/usr', '/usr/local', '/var/lib', '/home', '/opt', homedir(), tmpdir()]

interface Canary {
  readonly folder: string
  seen(): string
}

function canary(parent: string): Canary | undefined {
  try {
    const folder = mkdtempSync(join(parent, '.tsplay-canary-'))
    const file = join(folder, 'file')
    writeFileSync(file, parent)
    chmodSync(file, 0o640)
    const look = (path: string) => {
      const { mode, uid, gid, ino, mtimeMs, ctimeMs } = statSync(path)
      return [mode, uid, gid, ino, mtimeMs, ctimeMs].join(' ')
    }
    return { folder, seen: () => `${look(folder)}\n${look(file)}\n${readFileSync(file, 'utf8')}` }
  } catch {
    return undefined // Not ours to write: then it is not the sandbox's either.
  }
}

/** What of the machine can be compared as text. */
const machine = () => ({
  hostname: hostname(),
  // Tests that make users may run at the same time: their files are judged by what was asked for here.
  etc: shell(
    `find /etc -xdev ! -type d ! -path '/etc/sudoers.d/*' -printf '%p %y %m %U %G %s %C@\\n' 2>/dev/null | ` +
      `grep -vE '^/etc/(passwd|group|shadow|gshadow|subuid|subgid|\\.pwd)' | sort | sha256sum`,
  ),
  users: shell('grep -c attack /etc/passwd || :'),
  mounts: shell(`cut -d' ' -f5- /proc/self/mountinfo | grep -vE '^/(tmp|run|mnt|var)' || :`),
  links: shell('cat /proc/net/dev | cut -d: -f1'),
  modules: existsSync('/proc/modules') ? shell('cut -d" " -f1 /proc/modules') : '',
  sysctl: shell(
    'cat /proc/sys/kernel/panic /proc/sys/vm/swappiness /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/core_pattern',
  ),
  swaps: shell('cat /proc/swaps'),
  devices: shell(
    `ls -lLn /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty | sed 's/ [A-Z][a-z][a-z] .* / /'`,
  ),
})

/** Each is run as root of a host; what matters is not what it says, but that the machine stays as it was. */
const attacks = (pid: number, canaries: readonly Canary[]) => [
  `ls -la ${canaries.map(({ folder }) => folder).join(' ')}`,
  'mount -o remount,rw /usr; mount -o remount,bind,rw /usr; mount -o remount,rw /; mount -o remount,bind,rw /usr/bin/sudo',
  'umount -R -l /usr; umount -l /usr/local; umount -l /proc; umount -l /sys; umount -l /dev/null; umount -l /',
  'touch /usr/bin/.attack /usr/.attack /usr/lib/.attack; chmod 777 /usr /usr/bin /usr/bin/env; chown 0 /usr/bin/env',
  'chmod 600 /dev/null /dev/zero; chown 5 /dev/null; echo x >/dev/kmsg',
  'sysctl -w kernel.panic=77 vm.swappiness=3 net.ipv4.ip_forward=1 kernel.core_pattern=/attack',
  'echo 77 >/proc/sys/kernel/panic; echo b >/proc/sysrq-trigger; mount -o remount,rw /proc; mount -t sysfs sysfs /sys',
  `kill -9 ${pid}; kill -9 1; for d in /proc/[0-9]*; do ls $d/root/etc; cat $d/environ; done`,
  'for n in "sda b 8 0" "vda b 254 0" "mem c 1 1" "kmsg c 1 11"; do mknod /dev/x$n; mknod /tmp/$n; done',
  'hostname attacked; echo attacked >/proc/sys/kernel/hostname; date -s 2001-01-01',
  'ip link add dummy7 type dummy; ip link set lo down; ip addr add 10.99.0.1/24 dev lo; iptables -P INPUT DROP',
  'modprobe dummy; insmod /lib/modules/*/kernel/drivers/net/dummy.ko*; swapoff -a',
  'busybox reboot -f; busybox poweroff -f; reboot -f; shutdown -h now',
  `perl -e 'syscall(169, 0xfee1dead, 672274793, 0x1234567); syscall(161, "/proc/1/root"); syscall(165, "none", "/mnt", "sysfs", 0, 0)'`,
  'unshare --user --map-root-user --mount sh -c "mount -o remount,bind,rw /usr && touch /usr/.attack"',
  'nsenter --target 1 --mount --user true; nsenter --target 1 --mount touch /usr/.attack; chroot /proc/1/root touch /usr/.attack',
  'cp /usr/bin/env /home/env && chmod 4777 /home/env; ln -s /usr/.attack /tmp/link && echo x >/tmp/link',
  'useradd attacker; passwd -d root; echo attacker:x:0:0::/:/bin/sh >>/etc/passwd',
]

/** Each leaves links where the next boot, which the machine's root does, makes mounts and files. */
const traps = ['/usr/lib', '/etc', '/root', '/../../../etc'].map(
  (to) =>
    `rm -rf /etc/alternatives /etc /bin /media /var /home; exec perl -e '` +
    `rmdir "/$_" for qw(etc proc sys dev tmp run); rename "/etc", "/was"; ` +
    `symlink("${to}", "/$_") for qw(bin etc var home media); mkdir "/etc"; symlink("${to}", "/etc/$_") for qw(alternatives hostname hosts ssl)'`,
)

async function attack(host: SandboxClient, script: string): Promise<void> {
  await host.run(`sudo -n /bin/sh -c '${script.replaceAll("'", `'\\''`)}'`)
}

suite(
  'a sandbox and the machine',
  (test) => {
    test('stays unchanged by whatever root of a host does, also over a second boot', async () => {
      const canaries = watched.flatMap((parent) => canary(parent) ?? [])
      const victim = spawn('sleep', ['60'], { stdio: 'ignore' })
      const folder = mkdtempSync(join(tmpdir(), 'tsplay-test-'))
      const stamp = join(folder, 'stamp')
      writeFileSync(stamp, '')
      try {
        const before = machine()
        const seen = canaries.map((each) => each.seen())
        const check = () => {
          assert.equal(machine(), before)
          assert.equal(
            canaries.map((each) => each.seen()),
            seen,
          )
          assert.is(
            shell(`find /usr -xdev -cnewer '${stamp}' ! -path '*.tsplay-canary*' ! -type d 2>/dev/null || :`),
            '',
          )
          assert.is(victim.exitCode ?? victim.signalCode, null)
        }
        {
          await using sandbox = await startSandbox(1, { kernel: 'namespaces', folder: join(folder, 'state') })
          await using host = await sandboxClient(sandbox.hosts[0]!.target)
          assert.is((await host.run('sudo id -u')).stdout, '0\n')
          const hidden = await host.run(`cat ${canaries.map((each) => join(each.folder, 'file')).join(' ')}`)
          assert.is(hidden.stdout, '')
          for (const script of attacks(victim.pid ?? 0, canaries)) await attack(host, script)
          check()
          await attack(host, 'rm -rf /* 2>/dev/null')
          check()
        }
        for (const trap of traps) {
          rmSync(join(folder, 'state', 'sandbox1'), { recursive: true })
          {
            await using sandbox = await startSandbox(1, { kernel: 'namespaces', folder: join(folder, 'state') })
            await using host = await sandboxClient(sandbox.hosts[0]!.target)
            await attack(host, trap)
            const root = join(folder, 'state', 'sandbox1', 'root')
            assert.ok(lstatSync(join(root, 'bin')).isSymbolicLink())
            assert.match(trap, readlinkSync(join(root, 'bin')))
          }
          await using again = await startSandbox(1, { kernel: 'namespaces', folder: join(folder, 'state') })
          assert.is(again.hosts.length, 1)
        }
        check()
      } finally {
        victim.kill('SIGKILL')
        for (const each of canaries) rmSync(each.folder, { recursive: true, force: true })
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
  60_000,
)
