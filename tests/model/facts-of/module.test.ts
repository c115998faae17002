import { execFileSync } from 'node:child_process'
import { moduleProbe, type ModuleState } from '../../../runner/model/facts-of/module.ts'
import { probeText } from '../../../runner/model/probe.ts'
import { shells } from '../../helpers/local-connection.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** What a host says of a module whose kernel has these files. */
async function ask(name: string, files: Readonly<Record<string, string>>, shell: string): Promise<ModuleState> {
  await using folder = await temporaryFolder(files)
  const probe = moduleProbe(name)
  const text = `uname() { echo 6.1; }\n${probeText(probe)}`.replaceAll(
    /\/(?:proc|sys|etc|run|usr\/lib|lib)\//g,
    (path) => `${folder.path}${path}`,
  )
  const words = shell.endsWith('busybox') ? ['sh', '-c', text] : ['-c', text]
  const state = probe.parse(execFileSync(shell, words, { encoding: 'utf8' }))
  return { ...state, listedIn: state.listedIn.map((file) => file.replace(folder.path, '')) }
}

suite('what a host is asked about kernel modules', (test) => {
  for (const [name, path] of Object.entries(shells)) {
    test(`in ${name} it tells what is loaded, built in, a file system, and listed`, async () => {
      const of = async (module: string, files: Readonly<Record<string, string>>) => {
        const { loaded, listedIn } = await ask(module, files, path)
        return [loaded, ...listedIn].join(' ')
      }
      const modules = { 'proc/modules': 'br_netfilter 32768 0 - Live 0x0\nbridge 1 1 br_netfilter, Live 0x0\n' }
      assert.is(await of('br-netfilter', modules), 'loaded')
      assert.is(await of('netfilter', modules), 'no')
      assert.is(await of('zram', { 'sys/module/zram/initstate': 'live\n' }), 'loaded')
      assert.is(await of('zram', { 'sys/module/zram/parameters/x': '1\n' }), 'built-in')

      const list = 'kernel/fs/ext4/ext4.ko\nkernel/net/bridge/br-netfilter.ko.xz\n'
      const builtIn = { 'proc/sys/kernel/osrelease': '6.1\n', 'lib/modules/6.1/modules.builtin': list }
      assert.is(await of('br_netfilter', builtIn), 'built-in')
      assert.is(await of('ext', builtIn), 'no')
      assert.is(await of('ext4', { 'lib/modules/6.1/modules.builtin': list }), 'built-in', 'uname tells as much')
      const systems = { 'proc/filesystems': 'nodev\toverlay\n\text4\n' }
      assert.is(await of('overlay', systems), 'built-in')
      assert.is(await of('ext4', systems), 'built-in')
      assert.is(await of('nodev', systems), 'no')
      assert.is(await of('br_netfilter', { 'proc/sys/net/bridge/x': '' }), 'built-in')

      assert.is(
        await of('br_netfilter', {
          'etc/modules-load.d/a: b *.conf': '# br_netfilter\n \tbr-netfilter \n',
          'etc/modules-load.d/commented.conf': '#br_netfilter\n',
          'etc/modules-load.d/longer.conf': 'br_netfilter2\nbr_netfilter x\nx/br_netfilter.ko\n',
          'etc/modules-load.d/no-conf': 'br_netfilter\n',
          'usr/lib/modules-load.d/b.conf': 'overlay\nbr_netfilter\nbr_netfilter\n',
          'etc/modules': 'br_netfilter',
        }),
        'no /etc/modules-load.d/a: b *.conf /usr/lib/modules-load.d/b.conf /etc/modules',
      )
    })
  }
})
