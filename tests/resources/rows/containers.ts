import { secret } from '../../../runner/model/secret.ts'
import { container } from '../../../tasks/containers/container.ts'
import { containerImage } from '../../../tasks/containers/container-image.ts'
import { installed } from '../debian-packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/**
 * podman, with an image to make containers of, and another. Hosts of tests have no control groups of their own to give, and
 * podman's temporary files come and go with each question.
 */
const podman = `${installed('podman', 'crun', 'busybox-static')}
if command -v podman >/dev/null&&[ ! -e /srv/app.tar ];then
mkdir -p /etc/containers;printf '[storage]\\ndriver = "vfs"\\nrunroot = "/run/containers/storage"\\ngraphroot = "/var/lib/containers/storage"\\n' >/etc/containers/storage.conf
printf '[containers]\\ncgroups = "disabled"\\n' >/etc/containers/containers.conf
mount -t tmpfs tmpfs /var/tmp
mkdir -p /srv/root/bin /srv/root/tmp;cp /bin/busybox /srv/root/bin;ln -s busybox /srv/root/bin/sleep;ln -s busybox /srv/root/bin/cat
tar -C /srv/root -c .|podman import -q - localhost/app:1;echo >/srv/root/other;tar -C /srv/root -c .|podman import -q - localhost/other:1
podman save -q -o /srv/app.tar localhost/app:1;podman save -q -o /srv/other.tar localhost/other:1
fi >/dev/null 2>&1`
const ifPodman = (script: string) => `if command -v podman >/dev/null;then ${script};fi`
const removed = ifPodman('podman rm -f -a -t 0 >/dev/null;podman volume prune -f >/dev/null')
const images = ifPodman('podman load -q -i /srv/app.tar >/dev/null;podman load -q -i /srv/other.tar >/dev/null')
const slow = 'podman is installed, and each question to it takes a second'
const noPodman = { busybox: /there is no podman and no docker on this host/ }
/** What podman keeps of images, layers and containers. */
const storage = /^\/(?:var\/lib\/containers|etc\/cni|var\/lib\/cni)(?:\/|$)/

const image = 'localhost/app:1'

export const containerImageRow: Row = {
  resource: 'containerImage',
  slow,
  cases: [
    {
      name: 'from an archive',
      prepare: `${podman}; ${removed}; ${ifPodman(`podman rmi -f ${image} >/dev/null 2>&1;true`)}`,
      make: () => containerImage({ name: image, archive: '/srv/app.tar' }),
      drifts: [{ by: `podman rmi ${image}`, sees: [{ field: 'image', before: undefined, after: image }] }],
      undo: () => containerImage({ name: image, state: 'absent' }),
      leaves: storage,
      varies: storage,
      reset: removed,
      hostile: {
        name: {
          make: (name) => containerImage({ name }),
          values: [...hostileTexts, 'A', 'a//b', 'a:b:c', 'a@sha256:1'],
        },
        archive: {
          make: (archive) => containerImage({ name: 'localhost/none:1', archive }),
          values: [...hostileTexts, '/no such'],
          refusal: /no such file/,
        },
        password: {
          make: (password) => containerImage({ name: '127.0.0.1:1/none:1', credentials: { username: 'x', password } }),
          values: hostileTexts,
          refusal: /connection refused/,
        },
      },
      refusedOn: noPodman,
    },
  ],
}

const command = ['sleep', '1000']
const plain = { name: 'web', image, command, arguments: ['--stop-signal=KILL'] }
const whole = {
  ...plain,
  entrypoint: '/bin/busybox',
  env: { GREETING: 'Grüße,\n"you" $HOME', PASSWORD: secret`it's "secret" ` },
  ports: ['8080:80', '127.0.0.1:9000-9001:90-91/udp'],
  volumes: ['/srv:/data:ro', 'kept:/kept/'],
  restart: 'on-failure:3',
  labels: { 'org.example/a': 'b = c' },
  hostname: 'web1',
  user: '0:0',
  workdir: '/tmp',
} as const
const prepare = `${podman}; ${removed}; ${images}`

export const containerRow: Row = {
  resource: 'container',
  slow,
  cases: [
    {
      name: 'that runs',
      prepare,
      make: () => container(whole),
      drifts: [
        { by: 'podman stop web', sees: [{ field: 'running', before: false, after: true }] },
        {
          by: 'podman rm -f -t 0 web',
          sees: [
            { field: 'container', before: undefined, after: image },
            { field: 'running', before: false, after: true },
          ],
        },
      ],
      undo: () => container({ name: 'web', state: 'absent' }),
      leaves: storage,
      varies: storage,
      reset: removed,
      hostile: {
        name: { make: (name) => container({ ...plain, name }), values: hostileTexts },
        command: {
          make: (it) => container({ ...plain, state: 'stopped', command: ['cat', it] }),
          values: hostileTexts,
        },
        env: {
          make: (it) => container({ ...plain, env: { A: it } }),
          values: hostileTexts,
          reads: () => 'podman exec web /bin/busybox sh -c \'printf %s. "$A"\'',
          gives: (it) => `${it}.`,
        },
        secret: {
          make: (it) => container({ ...plain, env: { A: secret`${it}` } }),
          values: hostileTexts.filter((it) => it.length < 1000),
          reads: () => 'podman exec web /bin/busybox sh -c \'printf %s. "$A"\'',
          gives: (it) => `${it}.`,
        },
        label: { make: (it) => container({ ...plain, labels: { a: it }, state: 'stopped' }), values: hostileTexts },
        port: {
          make: (it) => container({ ...plain, ports: [it] }),
          values: [...hostileTexts, '80', '0:80', '9-8:9-8'],
        },
        volume: { make: (it) => container({ ...plain, volumes: [it] }), values: [...hostileTexts, '/a', '/a:/'] },
        network: { make: (network) => container({ ...plain, network }), values: hostileTexts },
        user: { make: (user) => container({ ...plain, user }), values: hostileTexts, refusal: /no matching entries/ },
        workdir: { make: (workdir) => container({ ...plain, workdir }), values: hostileTexts },
        argument: { make: (it) => container({ ...plain, arguments: [it] }), values: [...hostileTexts, '--name=x'] },
      },
      refusedOn: noPodman,
    },
    {
      name: 'with another definition',
      prepare: `${prepare}; ${ifPodman('podman run -d --name web --restart always -p 8081:80 --stop-signal=KILL localhost/app:1 sleep 999 >/dev/null')}`,
      make: () => container({ ...plain, ports: ['8080:80'], restart: 'no', state: 'stopped' }),
      reset: removed,
      varies: storage,
      not: { e: 'the one that it replaces is not known any more' },
      notOn: { busybox: 'there is no podman' },
    },
  ],
}
