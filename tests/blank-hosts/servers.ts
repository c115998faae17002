import type { DebianPackage } from '../helpers/apt-repository.ts'

/** A package as Debian makes them: a program, its settings, a user of its own, and a service that runs at once. */
const server = (name: string, version: string): DebianPackage => ({
  name,
  version,
  files: {
    [`/usr/bin/${name}`]: `#!/bin/sh
. /etc/${name}/${name}.conf
[ "$1" = --greeting ]&&exec echo "$greeting"
exec sleep infinity
`,
    [`/etc/${name}/${name}.conf`]: 'greeting=hello\nport=8080\n',
    [`/lib/systemd/system/${name}.service`]: `[Service]
User=${name}
ExecStart=/usr/bin/${name}
[Install]
WantedBy=multi-user.target
`,
  },
  postinst: `if [ "$1" = configure ];then
getent passwd ${name} >/dev/null||useradd --system --user-group --home-dir /var/lib/${name} --create-home ${name}
systemctl daemon-reload
systemctl enable -q ${name}
systemctl restart ${name}
fi
`,
})

export const servers: readonly DebianPackage[] = [server('greeter', '1.2-1'), server('mailer', '0.9')]
