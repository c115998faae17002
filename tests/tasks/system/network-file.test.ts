import { TsplayError } from '../../../runner/model/errors.ts'
import type { Host } from '../../../runner/model/host.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { service } from '../../../tasks/system/service.ts'
import { networkFile, type NetworkFileOptions } from '../../../tasks/system/networkd/network-file.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { labProblem } from '../../lab/folder.ts'
import { type LabHost, labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

const folder = '/etc/systemd/network'
const link = { Match: { Name: 'br-t' }, Network: { ConfigureWithoutCarrier: true, IPv6AcceptRA: false } }

/** Two files that belong together. */
const bridge =
  (...addresses: readonly string[]) =>
  (host: Host) =>
    host.ensure([
      networkFile({ name: '10-t.netdev', sections: { NetDev: { Name: 'br-t', Kind: 'bridge' } } }),
      networkFile({
        name: '10-t.network',
        sections: { ...link, Address: addresses.map((Address) => ({ Address })) },
      }),
    ])

/** As a real host is before it: with a link of its own that nothing may touch, and no udev, which would not run here. */
async function networkd(host: LabHost): Promise<void> {
  await host.inside(`mkdir -p ${folder}; printf '[Match]\\nName=host0\\n[Link]\\nUnmanaged=yes\\n' >${folder}/05-host0.network
mount -o remount,bind,ro /sys`)
}

/** The link's addresses, once they are these; what they are after 10 seconds else. */
async function addresses(host: LabHost, wanted: string): Promise<string> {
  const script = `for i in $(seq 100);do
a=$(ip -o -4 address show dev br-t 2>/dev/null|awk '{print $4}'|paste -sd' ')
[ "$a" != '${wanted}' ]||break
sleep 0.1
done
echo "$a"`
  return (await host.inside(script)).trim()
}

suite(
  'network files of a real systemd-networkd',
  (test) => {
    test('set and change the addresses of a link, once for all files, also where a run was cut before it was told', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      await networkd(host)

      const alone = await trial(host, bridge('192.0.2.1/24'))
      assert.is(alone.error, undefined)
      assert.equal(alone.statuses, ['network-file changed', 'network-file changed'], 'it does not run')

      await trial(host, (it) => it.ensure(service({ name: 'systemd-networkd', running: true })))
      assert.is(await addresses(host, '192.0.2.1/24'), '192.0.2.1/24')

      const two = bridge('192.0.2.2/24', '192.0.2.3/24')
      const predicted = await trial(host, two, { check: true })
      const made = await trial(host, two)
      assert.is(made.error, undefined)
      assert.equal(made.statuses, ['network-file ok', 'network-file changed', 'reload changed'])
      assert.equal(predicted.statuses, made.statuses)
      assert.is(await addresses(host, '192.0.2.2/24 192.0.2.3/24'), '192.0.2.2/24 192.0.2.3/24')
      assert.equal((await trial(host, two)).statuses, ['network-file ok', 'network-file ok'])

      // What a run leaves that is cut between the file and the reload.
      const id = (await host.inside('systemctl show -p InvocationID --value systemd-networkd')).trim()
      const content = '[Match]\nName=br-t\n\n[Network]\nConfigureWithoutCarrier=yes\nAddress=192.0.2.4/24\n'
      await host.inside(`printf %s '${content}' >${folder}/10-t.network
mkdir -p /run/tsplay/due; printf %s ${id} >/run/tsplay/due/reload-systemd-networkd.service`)
      const cut = await trial(host, (it) => it.ensure(networkFile({ name: '10-t.network', content })))
      assert.equal(cut.statuses, ['network-file ok', 'reload changed'], 'an earlier run owes it')
      assert.is(await addresses(host, '192.0.2.4/24'), '192.0.2.4/24')

      const gone = await trial(host, async (it) => {
        await it.ensure(networkFile({ name: '10-t.network', state: 'absent' }))
        await it.ensure(service({ name: 'systemd-networkd', running: true }))
      })
      assert.equal(gone.statuses, ['network-file changed', 'service changed'], 'the service has done it')
      assert.is(await addresses(host, ''), '')
    })

    test('of udev are read again by udev, which systemd-networkd is not told of', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      await networkd(host)
      // The lab's hosts have no udev: what it is told is written down.
      await host.inside(`printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/systemd-udevd.service
printf '#!/bin/sh\\necho "$*" >>/run/told\\n' >/usr/bin/udevadm; chmod 755 /usr/bin/udevadm
systemctl daemon-reload; systemctl start systemd-udevd systemd-networkd`)
      const body = (it: Host) =>
        it.ensure(networkFile({ name: '10-t.link', sections: { Match: { Driver: 't' }, Link: { MTUBytes: 1400 } } }))
      const made = await trial(host, body)
      assert.is(made.error, undefined)
      assert.equal(made.statuses, ['network-file changed', 'reload changed'])
      assert.is((await host.inside('cat /run/told')).trim(), 'control --reload')
      assert.equal((await trial(host, body)).statuses, ['network-file ok'])
    })

    test('that hold a key are read by systemd-networkd and by root alone, and a link to nothing is not written through', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const attributes = (name: string) => host.inside(`stat -c '%a %U:%G' ${folder}/${name}`)
      const PrivateKey = new Secret('aGlkZGVu')
      const made = await trial(host, (it) =>
        it.ensure([
          networkFile({ name: '10-wg.netdev', sections: { NetDev: { Name: 'wg0' }, WireGuard: { PrivateKey } } }),
          networkFile({ name: '10-wg.link', sections: { Match: { Name: 'w' }, Link: { Description: PrivateKey } } }),
          networkFile({ name: '10-wg.network', sections: link }),
        ]),
      )
      assert.is(made.error, undefined)
      assert.not.match(JSON.stringify(made.finished), 'aGlkZGVu')
      assert.match(await host.inside(`cat ${folder}/10-wg.netdev`), '\nPrivateKey=aGlkZGVu\n')
      assert.is((await attributes('10-wg.netdev')).trim(), '640 root:systemd-network')
      assert.is((await attributes('10-wg.link')).trim(), '640 root:root')
      assert.is((await attributes('10-wg.network')).trim(), '644 root:root')

      await host.inside(`ln -sf /dev/null ${folder}/80-masked.network`)
      const masked = { name: '80-masked.network' }
      const { error } = await trial(host, (it) => it.ensure(networkFile({ ...masked, sections: link })))
      assert.match(String(error), /there is a character device at this path/)
      const freed = await trial(host, async (it) => {
        await it.ensure(networkFile({ ...masked, state: 'absent' }))
        await it.ensure(networkFile({ ...masked, sections: link }))
      })
      assert.is(freed.error, undefined)
      assert.is((await host.inside(`[ -c /dev/null ]; stat -c %F ${folder}/80-masked.network`)).trim(), 'regular file')
    })
  },
  { timeoutMs: 180_000, skip: await labProblem() },
)

suite('network files', (test) => {
  const refusal = (options: NetworkFileOptions): string => {
    try {
      networkFile(options)
    } catch (error) {
      if (error instanceof TsplayError && error.code === 'OPTIONS') return `${error.message} (${error.hint})`
      throw error
    }
    return 'it was taken'
  }
  const name = '10-a.network'

  test('that systemd would not read, or not as they were meant, are refused before anything is asked', () => {
    for (const bad of ['lan', 'a/b.network', '.network', '../a.network', 'a.conf', 'a.network\n'])
      assert.match(refusal({ name: bad, sections: link }), 'ends with .network, .netdev or .link')
    assert.match(refusal({ name, dropIn: 'a/b', sections: link }), '"a/b" can not name a drop-in')
    for (const bad of ['Ma]tch', 'Match\n', '', ' '])
      assert.match(refusal({ name, sections: { [bad]: {} } }), 'can not name a section')
    for (const bad of ['Na=me', 'Name\n', '[Name', '#Name'])
      assert.match(refusal({ name, sections: { Match: { [bad]: 'x' } } }), 'can not name a key')
    for (const bad of ['a\nb', ' a', 'a ', 'a\\', '\0', Number.NaN])
      assert.match(refusal({ name, sections: { Match: { Name: bad } } }), 'Match.Name has to be one line of text')
    assert.not.match(refusal({ name, sections: { Match: { Name: new Secret('hid\nden') } } }), 'hid')
    for (const empty of [{ content: '' }, { content: 'Name=a\n' }, { sections: {} }, { sections: { Route: [] } }])
      assert.match(refusal({ name, ...empty }), 'there is no section in it, such as [Match]')
    assert.match(refusal({ name }), 'either sections or content is needed')
    assert.match(refusal({ name, sections: link, content: '[Match]\n' }), 'either sections or content is needed')
    assert.is(refusal({ name, state: 'absent' }), 'it was taken')
  })
})
