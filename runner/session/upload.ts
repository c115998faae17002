import { quote } from '../model/quote.ts'
import { TsplayError } from '../model/errors.ts'
import type { DataProgram } from './data-program.ts'
import { contentStream, fingerprint, type Fingerprint, type LocalContent } from './local-content.ts'
import { digestCommand, replacedFile } from './replaced-file.ts'
import { sendStream } from './send-stream.ts'
import { stallGuard } from './stall-guard.ts'
import { streamText } from './stream-text.ts'

/**
 * Receives the file on standard input and prints its path. The end of the input may as well be a lost link, so it is
 * kept only with the right size and digest; one that has not grown for a minute or two is given up.
 */
const receiver = (target: string, { size, sha256 }: Fingerprint) => `${replacedFile(quote(target))}
temporary
exec 3<&0
if dd if=/dev/null of="$n" conv=fsync 2>/dev/null; then LC_ALL=C dd of="$n" bs=65536 conv=fsync <&3 &
else LC_ALL=C cat <&3 >"$n" & fi
p=$!
exec 3<&- </dev/null
${stallGuard('wc -c <"$n"')}
trap 'kill -s USR2 "$g" 2>/dev/null; kill "$p" 2>/dev/null; rm -f -- \${n:+"$n"}' EXIT
wait "$p" || exit 1
s=$(wc -c <"$n")
[ "$s" -eq ${size} ] || fail "only $s of ${size} bytes came"
${digestCommand}
s=$(digest <"$n")
[ -z "$s" ] || [ "$s" = ${sha256} ] || fail 'what came is not what was sent: the digests differ'
printf '%s\n' "$n"
n=`

/**
 * Streams content into a new file of mode 0600 beside the file that it is to replace, and gives that file's path. On
 * any failure there is no such file.
 *
 * @throws TsplayError COMMAND with the host's reason (`No space left on device` …); LOST when the channel goes before the end.
 */
export async function upload(
  asUser: DataProgram,
  where: string,
  target: string,
  content: LocalContent,
): Promise<string> {
  const print = await fingerprint(content)
  return asUser(receiver(target, print), async (channel) => {
    const stdout = streamText(channel.stdout)
    const stderr = streamText(channel.stderr)
    await sendStream(channel, contentStream(content))
    const exit = await channel.closed
    if (exit.code === 0) return (await stdout).slice(0, -1)
    if (exit.lost) throw new TsplayError('LOST', `${where}: the connection was lost while ${target} was uploaded`)
    // dd counts what it copied, beside the reason.
    const reason =
      (await stderr).replaceAll(/^\d+.*\n/gm, '').trim() ||
      `the upload of ${target} ended with ${exit.signal ?? exit.code}`
    throw new TsplayError('COMMAND', `${where}: ${reason.replace(/^tsplay: /, '')}`)
  })
}
