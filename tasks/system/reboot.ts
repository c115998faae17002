import { task } from '../../runner/model/task.ts'

export interface RebootOptions {
  /**
   * A shell test that succeeds when a reboot is due, such as `test -e /run/reboot-required` of Debian, or
   * `! needs-restarting -r` of dnf. @default it always is
   */
  readonly onlyIf?: string
  /** How long the host may take until it answers again, in milliseconds. @default 10 minutes */
  readonly limitMs?: number
}

const script = `if [ "$(id -u)" != 0 ];then echo 'only root can reboot a host' >&2;exit 1;fi
if [ -d /run/systemd/system ];then systemctl --no-block reboot
else command -v reboot >/dev/null||{ echo 'there is no reboot on this host' >&2;exit 1;}
(sleep 1;reboot) </dev/null >/dev/null 2>&1 &
fi`

/**
 * Reboots a host, and goes on once it answers again with another boot. The run's lock is taken anew with the next change, and
 * `host.facts` are asked anew. That the SSH server is back does not say that all services are: `wait` for those. A
 * task, and no resource: without `onlyIf` it reboots in each run.
 *
 * @throws TsplayError TIMEOUT when the host is not back in time.
 * @example
 * await reboot(host, { onlyIf: 'test -e /run/reboot-required' })
 * await wait(host, { port: 5432 })
 */
export const reboot = task('reboot', async (host, { onlyIf, limitMs = 10 * 60_000 }: RebootOptions = {}) => {
  const shared = { reboots: true, timeoutMs: limitMs }
  const call = onlyIf === undefined ? { everyTime: true as const, ...shared } : { onlyIf, ...shared }
  await host.command(call)`sh -c ${script}`
})
