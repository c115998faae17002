/** What is asked of a host once, when a playbook first looks at `host.facts`. */
export interface Facts {
  readonly os: {
    /** `ID` of os-release(5): `debian`, `ubuntu`, `rocky`, `alpine` … */
    readonly id: string
    /** `ID_LIKE`, split. */
    readonly like: readonly string[]
    /** `VERSION_ID`: `12`, `24.04`; empty on a rolling release. */
    readonly version: string
    /** `VERSION_CODENAME`: `bookworm`; empty where there is none. */
    readonly codename: string
    /** `PRETTY_NAME`, for people. */
    readonly name: string
  }
  /** `uname -m`: `x86_64`, `aarch64` … */
  readonly architecture: string
  /** `uname -r`. */
  readonly kernel: string
  /** `uname -n`. */
  readonly hostname: string
  readonly cpus: number
  /** MemTotal, in MiB. */
  readonly memoryMb: number
  /** The init system that runs: `systemd`, `openrc`, or `unknown`. */
  readonly init: 'systemd' | 'openrc' | 'unknown'
  /** Source addresses of the default routes, the preferred one first; empty without a default route. */
  readonly defaultAddresses: readonly string[]
}
