import type { Secret } from '../model/secret.ts'

/** How a host is to be reached, as inventory and command line say it. What is left out comes from ssh's own configuration. */
export interface Target {
  /** The host's name in the inventory. */
  readonly name: string
  /** `ansible_host`: name or address to connect to, before ssh's configuration is applied. @default the name */
  readonly address?: string
  readonly port?: number
  readonly user?: string
  /**
   * `ssh`: through the ssh2 library, and through OpenSSH's `ssh` program where ssh's configuration asks for what only that
   * can do; `ssh2` and `openssh`: one of them, whatever it says. `docker`, `podman` and `kubectl` enter a container or a Pod that
   * the address names, `chroot` a folder. @default 'ssh'
   */
  readonly transport?: 'ssh' | 'ssh2' | 'openssh' | 'local' | 'docker' | 'podman' | 'kubectl' | 'chroot'
  /** Private key files, tried in order before the configured ones. */
  readonly identityFiles?: readonly string[]
  readonly password?: Secret<string>
  /**
   * How other users are become: by one shell that the method starts. `sudo-per-command`: by sudo for each `host.command` and
   * `host.read`, which are then one program each; no resource can be ensured as such a user. @default 'sudo'
   */
  readonly becomeMethod?: 'sudo' | 'su' | 'doas' | 'run0' | 'sudo-per-command'
  /** Password for sudo; for su that of the user who is become. */
  readonly becomePassword?: Secret<string>
  /** `refuse` unknown host keys, or accept and remember those of hosts never seen. Changed keys are always refused. */
  readonly hostKeys?: 'refuse' | 'accept-new'
  /** Known host keys to use in place of the user's known_hosts files: lines in the same format. */
  readonly knownHosts?: readonly string[]
  /** A path in place of `~/.ssh/config`; `none` for no configuration. */
  readonly sshConfig?: string
  /**
   * `Keyword=value` of ssh_config(5), as `ssh -o` takes it: before ssh's configuration, behind the target's other options. Not
   * for jump hosts.
   */
  readonly sshOptions?: readonly string[]
  /** `user@host:port,…`, as ssh's ProxyJump. */
  readonly proxyJump?: string
  /** Lets programs on the host use this machine's SSH agent. @default what ssh's configuration says (ForwardAgent), else false */
  readonly forwardAgent?: boolean
  /**
   * What a run locks on the host, so that no other changes it at the same time: a path that is there, the same for all
   * users; `false` for nothing. @default /run, and nothing on this machine itself (`local`)
   */
  readonly lock?: string | false
  /** Limit for reaching the host, in milliseconds. @default 10 s */
  readonly connectTimeoutMs?: number
}

/** Asks the person at the terminal; rejects with a clear error where there is none. Each question is asked once in a run. */
export interface Prompter {
  secret(question: string): Promise<Secret<string>>
}
