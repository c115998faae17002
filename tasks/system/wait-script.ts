import { quote } from '../../runner/model/quote.ts'
import type { WaitFor } from './wait.ts'

/**
 * Shell text that makes `look`: succeeds when it is so, and sets `seen` to what it saw. Listening ports are in
 * /proc/net/tcp (proc(5)), so that a port of the host itself needs no tool.
 */
export function lookScript(what: WaitFor): string {
  if ('port' in what) {
    const open = what.state === 'closed' ? closed : 'look() { port; }'
    return `${what.host === undefined ? listening(what.port) : connecting(what.host, what.port)}\n${open}`
  }
  if ('path' in what) return pathScript(what)
  if ('url' in what) return urlScript(what)
  return `look() { seen=$( (\n${what.succeeds}\n) </dev/null 2>&1); c=$?; seen="exit code $c: $(printf %s "$seen"|tail -n 1)"; [ "$c" = 0 ]; }`
}

const closed = 'look() { ! port; }'

const listening = (port: number) => `port() {
seen='nothing listens there'
grep -qs '^ *[0-9]*: [0-9A-F]*:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F:]* 0A ' /proc/net/tcp /proc/net/tcp6 || return 1
seen='something listens there'
}`

const connecting = (host: string, port: number) => `port() {
if command -v bash >/dev/null;then seen=$(timeout 10 bash -c ': 2>&1 <"/dev/tcp/$1/$2"' bash ${quote(host)} ${port} 2>&1)
elif command -v nc >/dev/null;then seen=$(nc -w 10 ${quote(host)} ${port} </dev/null 2>&1 >/dev/null)
else echo 'neither bash nor nc is there to ask a port of another host'; exit 69;fi
c=$?;seen=\${seen:-"exit code $c"}
[ $c = 0 ] && seen='it accepts connections'
}`

function pathScript({ path, state, contains, matches }: Extract<WaitFor, { readonly path: string }>): string {
  const at = quote(path)
  const there = `[ -e ${at} ]||[ -L ${at} ]`
  if (state === 'absent') return `look() { if ${there};then seen='it is there';return 1;fi; }`
  const patterns = [
    ...(contains === undefined ? [] : [`grep -qF -e ${quote(contains)} -- ${at}`]),
    ...(matches === undefined ? [] : [`grep -qE -e ${quote(matches)} -- ${at}`]),
  ]
  const tests = patterns.map(
    (test) =>
      `seen=$(${test} 2>&1)||{ seen=\${seen:-"it does not hold that: its last line is $(tail -n 1 -- ${at} 2>/dev/null)"};return 1; }`,
  )
  return `look() {\n${there}||{ seen='it is not there';return 1; }\n${tests.join('\n')}\n}`
}

function urlScript({ url, status, contains }: Extract<WaitFor, { readonly url: string }>): string {
  const wanted = (typeof status === 'number' ? [status] : (status ?? [])).join('|') || '2??'
  const body =
    contains === undefined
      ? ''
      : `printf %s "$b"|grep -qF -e ${quote(contains)}||{ seen="$seen, $(printf %s "$b"|head -c 200)";return 1; }`
  return `look() {
if command -v curl >/dev/null;then b=$(curl -sSL --max-time 20 -w '\\n%{http_code}' ${quote(url)} 2>&1);c=\${b##*
} b=\${b%
*}
elif command -v wget >/dev/null;then b=$(wget -q -T 20 -O - ${quote(url)} 2>&1)&&c=200||c=000
else echo 'neither curl nor wget is installed';exit 69;fi
seen="status $c"
[ "$c" != 000 ]||seen=\${b:-no answer}
case $c in ${wanted});;*)return 1;;esac
${body}
}`
}
