import type { Secret } from '../../runner/model/secret.ts'
import type { ContainerEngine } from './engine.ts'

interface ContainerName {
  /** What it is called by: letters, digits, `_`, `.` and `-`. */
  readonly name: string
  /** @default podman where it is installed, else docker */
  readonly engine?: ContainerEngine
}

interface ContainerWishes {
  /** As `containerImage` names it. Where the engine has none of the name, it is pulled. Needed, but to be absent. */
  readonly image: string
  /** The program's words after its entry point. @default the image's */
  readonly command?: readonly string[]
  /** The program, which `command` gives words to. @default the image's */
  readonly entrypoint?: string
  /** Variables. A secret is in no argument, and is one line. @default what the image has */
  readonly env?: Readonly<Record<string, string | Secret<string>>>
  /** `8080:80`, `127.0.0.1:8080:80`, `5353:53/udp`, `8000-8010:8000-8010`. @default none */
  readonly ports?: readonly string[]
  /** `/srv/data:/data`, `/srv/conf:/etc/app:ro`, and by name a volume of the engine: `data:/var/lib/app`. @default none */
  readonly volumes?: readonly string[]
  /** podman keeps it over a reboot where its podman-restart.service is enabled. @default 'no' */
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure' | `on-failure:${number}`
  /** The name of a network, or `host`, `none`, `bridge`. @default the engine's */
  readonly network?: string
  /** What it is marked with, beside the image's own. @default none */
  readonly labels?: Readonly<Record<string, string>>
  /** @default one that the engine chooses */
  readonly hostname?: string
  /** Who the program runs as: `1000:1000`. @default the image's */
  readonly user?: string
  /** The directory that it begins in. @default the image's */
  readonly workdir?: string
  /** Further options of podman-create(1) or `docker create`, a word each: `--memory=512m`. Compared with what was asked for last. */
  readonly arguments?: readonly string[]
}

export interface MadeContainer extends ContainerName, ContainerWishes {
  /** `stopped`: it is there, and does not run. @default 'running' */
  readonly state?: 'running' | 'stopped'
}

export interface AbsentContainer extends ContainerName, Partial<Record<keyof ContainerWishes, never>> {
  readonly state: 'absent'
}

export type ContainerOptions = MadeContainer | AbsentContainer
