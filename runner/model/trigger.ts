/**
 * What is to happen once a change was made. It is noted on the host before the first write, so that it is still due
 * when a run is cut between the change and the restart; whoever restarts the unit meanwhile settles it.
 */
export interface Trigger {
  readonly action: 'restart' | 'reload' | 'daemon-reload'
  /** The systemd unit, with its suffix; empty for `daemon-reload`. */
  readonly unit: string
}

const withSuffix = (unit: string) => (/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`)

/** Restarts a systemd unit once, at its next `service` or at the end of the body. `nginx` means `nginx.service`. */
export const restart = (unit: string): Trigger => ({ action: 'restart', unit: withSuffix(unit) })

/** Reloads a systemd unit once, at its next `service` or at the end of the body. A due restart outranks it. */
export const reload = (unit: string): Trigger => ({ action: 'reload', unit: withSuffix(unit) })

/** Has systemd read its unit files again, before anything is restarted. */
export const daemonReload = (): Trigger => ({ action: 'daemon-reload', unit: '' })
