/** The 30 operations that every contestant does, as data: below one folder for each host, since all hosts are this machine. */
export interface Plan {
  readonly directories: readonly { readonly path: string; readonly mode: string }[]
  readonly files: readonly { readonly path: string; readonly mode: string; readonly content: string }[]
  /** The files that hold them are made when they are missing. */
  readonly lines: readonly { readonly path: string; readonly line: string }[]
  readonly links: readonly { readonly path: string; readonly target: string }[]
  /** `echo word > creates`, where that is missing. */
  readonly commands: readonly { readonly creates: string; readonly word: string }[]
  /** The kernel's release, the user's name, a file and a listing. */
  readonly reads: readonly [file: string, folder: string]
}

const services = ['api', 'web', 'worker', 'cron']

/** Four directories, ten files, five lines, three links, four commands behind a guard and four questions. */
export function planFor(root: string): Plan {
  const settings = (service: string) =>
    Array.from({ length: 12 }, (_, i) => `${service}.option.${i} = ${service}-${i * 7}\n`).join('')
  return {
    directories: [root, `${root}/etc`, `${root}/data`, `${root}/releases`].map((path) => ({ path, mode: '0755' })),
    files: [
      ...services.map((name) => ({ path: `${root}/etc/${name}.conf`, mode: '0644', content: settings(name) })),
      ...services.map((name) => ({
        path: `${root}/etc/${name}.env`,
        mode: '0640',
        content: `NAME=${name}\nPORT=8080\n`,
      })),
      { path: `${root}/etc/limits.conf`, mode: '0644', content: '* soft nofile 65536\n' },
      { path: `${root}/data/motd`, mode: '0644', content: 'Welcome.\n' },
    ],
    lines: [...services, 'registry'].map((name, i) => ({
      path: `${root}/etc/hosts`,
      line: `192.0.2.${i + 1} ${name}.example`,
    })),
    links: ['api', 'web', 'worker'].map((name) => ({
      path: `${root}/releases/${name}`,
      target: `${root}/etc/${name}.conf`,
    })),
    commands: services.map((name) => ({ creates: `${root}/data/${name}.seed`, word: name })),
    reads: [`${root}/etc/hosts`, `${root}/releases`],
  }
}
