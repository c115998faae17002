/**
 * What is to happen once a change was made. It is noted on the host before the first write, so that it is still due
 * when a run is cut between the change and the restart; whoever restarts the unit meanwhile settles it.
 */
export interface Trigger {
  readonly action: 'restart' | 'reload' | 'daemon-reload'
  /** The systemd unit, with its suffix; empty for `daemon-reload`. */
  readonly unit: string
}

/** A unit with its suffix: `nginx` means `nginx.service`. */
export const unitName = (unit: string): string =>
  /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(unit)
    ? unit
    : `${unit}.service`

/** Restarts a systemd unit once, at its next `service` or at the end of the body. `nginx` means `nginx.service`. */
export const restart = (unit: string): Trigger => ({ action: 'restart', unit: unitName(unit) })

/** Reloads a systemd unit once, at its next `service` or at the end of the body. A due restart outranks it. */
export const reload = (unit: string): Trigger => ({ action: 'reload', unit: unitName(unit) })

/** Has systemd read its unit files again, before anything is restarted. */
export const daemonReload = (): Trigger => ({ action: 'daemon-reload', unit: '' })
