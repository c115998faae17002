import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { sha256 } from '../../../runner/model/content.ts'
import { unknownReason } from '../../../runner/model/unknown.ts'
import { download, type DownloadOptions } from '../../../tasks/files/download.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { bound, converge, diff, look, scratch, shell, shells } from './trial.ts'

const body = 'x'.repeat(100_000) + '\n'

/**
 * A web server in a process of its own: it gives `body` for every path, but 404 for /none, and half of it for /half. /slow is
 * cut after each 40000 bytes, and knows ranges; /changed does so too, but is another file with each request. /asked tells
 * the `Range` and `If-Range` of the requests so far.
 */
async function webServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: `http://127.0.0.1:${port.toString().trim()}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

const server = `
const asked = []
const body = 'x'.repeat(100000) + '\\n'
require('node:http').createServer((request, response) => {
  if (request.url === '/asked') return response.end(JSON.stringify(asked))
  asked.push([request.headers.range ?? '', request.headers['if-range'] ?? ''])
  if (request.url === '/slow' || request.url === '/changed') {
    const etag = request.url === '/slow' ? '"a"' : '"' + asked.length + '"'
    const known = request.headers['if-range']
    const start = known === undefined || known === etag ? Number(/bytes=(\\d+)-/.exec(request.headers.range)?.[1] ?? 0) : 0
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': body.length - start,
      ...(start > 0 ? { 'content-range': 'bytes ' + start + '-' + (body.length - 1) + '/' + body.length } : {}),
    })
    if (request.url === '/changed' && asked.length > 2) return response.end(body.slice(start))
    response.write(body.slice(start, start + 40000), () => {
      if (start + 40000 >= body.length) response.end()
      else setTimeout(() => response.destroy(), 50)
    })
  } else if (request.url === '/none') response.writeHead(404).end('no such page')
  else if (request.url === '/moved') response.writeHead(302, { location: '/it' }).end()
  else if (request.url === '/half') { response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, 50000)); setTimeout(() => response.destroy(), 50) }
  else response.end(body)
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** Has nothing but what the script needs, and the one program to fetch with. */
function toolbox(path: string, ...fetcher: string[]): void {
  mkdirSync(path)
  for (const tool of [
    'readlink',
    'mktemp',
    'rm',
    'sha256sum',
    'stat',
    'chown',
    'chgrp',
    'chmod',
    'sync',
    'mv',
    'id',
    'tr',
    'awk',
    'sleep',
    ...fetcher,
  ]) {
    symlinkSync(shell(`command -v ${tool}`).trim(), `${path}/${tool}`)
  }
}

suite(
  'download',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`fetches once, exactly as predicted, in ${name}`, async () => {
        using dir = scratch()
        await using web = await webServer()
        const wanted = download({
          url: `${web.url}/moved`,
          path: dir.at("it's $(x)"),
          sha256: sha256(body),
          mode: '0755',
        })
        assert.equal(
          converge(wanted, name).map(({ field }) => field),
          ['content', 'mode'],
        )
        assert.is(readFileSync(dir.at("it's $(x)"), 'utf8'), body)
        assert.equal(converge(wanted, name), [])
        assert.is(readdirSync(dir.path).length, 1)
      })
    }

    for (const fetcher of ['curl', 'wget']) {
      test(`puts nothing in place when ${fetcher} fails, is cut short or gets something else`, async () => {
        using dir = scratch()
        await using web = await webServer()
        toolbox(dir.at('bin'), fetcher)
        mkdirSync(dir.at('d'))
        writeFileSync(dir.at('d/file'), 'old', { mode: 0o600 })
        const attempt = (path: string, sha: string) => {
          const wanted = download({ url: web.url + path, path: dir.at('d/file'), sha256: sha })
          const { definition, options } = bound(wanted)
          const state = look(wanted)
          const [step] = definition.apply(options, definition.diff(options, state), state)
          shell(`PATH=${JSON.stringify(dir.at('bin'))}\n${step && 'script' in step ? step.script : 'false'}`)
        }
        assert.throws(() => attempt('/none', sha256(body)), fetcher === 'curl' ? /404/ : /could not fetch/)
        assert.throws(() => attempt('/it', sha256('other')), /has the sha256 [0-9a-f]{64}, not/)
        assert.equal(readdirSync(dir.at('d')), ['file'])
        assert.throws(() => attempt('/half', sha256(body)), /exit code/)
        assert.is(readFileSync(dir.at('d/file'), 'utf8'), 'old')
        attempt('/it', sha256(body))
        assert.is(readFileSync(dir.at('d/file'), 'utf8'), body)
        assert.is(statSync(dir.at('d/file')).mode & 0o7777, 0o600, 'the mode of the old file is kept')
      })
    }

    test('goes on where a cut has left it, as long as the server says that it is the same', async () => {
      using dir = scratch()
      await using web = await webServer()
      const fetched = (path: string, file: string) =>
        converge(download({ url: web.url + path, path: dir.at(file), sha256: sha256(body) }))
      fetched('/slow', 'slow')
      assert.equal(await (await fetch(`${web.url}/asked`)).json(), [
        ['', ''],
        ['bytes=40000-', '"a"'],
        ['bytes=80000-', '"a"'],
      ])
      fetched('/changed', 'changed')
      for (const file of ['slow', 'changed']) assert.is(readFileSync(dir.at(file), 'utf8'), body)
      assert.equal(readdirSync(dir.path).toSorted(), ['changed', 'slow'])
    })

    test('takes up what an earlier run has left, and never what somebody else has put there', async () => {
      using dir = scratch()
      await using web = await webServer()
      const url = `${web.url}/slow`
      const wanted = download({ url, path: dir.at('file'), sha256: sha256(body) })
      const left = (name: string) => dir.at(`.tsplay-download.${sha256(`${url} ${sha256(body)}`).slice(0, 12)}.${name}`)
      writeFileSync(dir.at('victim'), 'mine')
      symlinkSync(dir.at('victim'), left('AAAAAA'))
      writeFileSync(left('BBBBBB'), body.slice(0, 70_000), { mode: 0o600 })
      converge(wanted)
      assert.equal(await (await fetch(`${web.url}/asked`)).json(), [['bytes=70000-', '']])
      assert.is(readFileSync(dir.at('file'), 'utf8'), body)
      assert.is(readFileSync(dir.at('victim'), 'utf8'), 'mine')
      assert.equal(readdirSync(dir.path).toSorted(), ['file', 'victim'])
      // What came of another file is found out by the digest, and fetched whole.
      writeFileSync(left('CCCCCC'), 'y'.repeat(70_000), { mode: 0o600 })
      writeFileSync(dir.at('file'), 'old')
      converge(wanted)
      assert.is(readFileSync(dir.at('file'), 'utf8'), body)
    })

    test('says what is missing where there is neither curl nor wget', () => {
      using dir = scratch()
      toolbox(dir.at('bin'))
      const wanted = download({ url: 'http://127.0.0.1:1/', path: dir.at('file'), checksum: 'none' })
      const { definition, options } = bound(wanted)
      const state = look(wanted)
      const [step] = definition.apply(options, definition.diff(options, state), state)
      const script = step && 'script' in step ? step.script : 'false'
      assert.throws(
        () => shell(`PATH=${JSON.stringify(dir.at('bin'))}\n${script}`),
        /neither curl nor wget is installed/,
      )
    })

    test('writes through links, and needs no network for what is only a mode', async () => {
      using dir = scratch()
      {
        await using web = await webServer()
        symlinkSync('real\n', dir.at('link'))
        converge(download({ url: `${web.url}/it`, path: dir.at('link'), sha256: sha256(body) }))
        assert.ok(lstatSync(dir.at('link')).isSymbolicLink())
        assert.is(readFileSync(dir.at('real\n'), 'utf8'), body)
      }
      chmodSync(dir.at('real\n'), 0o600)
      const offline = download({
        url: 'http://127.0.0.1:1/it',
        path: dir.at('link'),
        sha256: sha256(body).toUpperCase(),
        mode: '0644',
      })
      assert.equal(converge(offline), [{ field: 'mode', before: '0600', after: '0644' }])
    })

    test('takes whatever comes only when told to, and then leaves a file that is there', async () => {
      using dir = scratch()
      await using web = await webServer()
      const wanted = download({ url: `${web.url}/it`, path: dir.at('file'), checksum: 'none' })
      const { definition, options } = bound(wanted)
      const after = definition.after(options, look(wanted)) as { path: { sha256: unknown } }
      assert.match(unknownReason(after.path.sha256) ?? '', /^what http:.* gives$/)
      assert.is(converge(wanted).length, 1)
      writeFileSync(dir.at('file'), 'mine')
      assert.equal(converge(wanted), [])
    })

    test('refuses options that make no sense', () => {
      const good = { url: 'https://example.com/x', path: '/x', checksum: 'none' } as const
      const refused = (options: object, message: RegExp) =>
        assert.throws(() => download(options as DownloadOptions), message)
      for (const url of ['', 'example.com/x', 'file:///etc/passwd', '-o/etc/passwd', 'https://a/b c', 'https://a/\n']) {
        refused({ ...good, url }, /complete http, https or ftp address/)
      }
      refused({ ...good, url: 'https://me:pw@example.com/' }, /password in the url/)
      refused({ url: good.url, path: '/x' }, /sha256 has to be 64 hex digits/)
      refused({ url: good.url, path: '/x', sha256: 'abc' }, /sha256 has to be 64 hex digits/)
      assert.throws(() => diff(download({ ...good, path: '/etc' })), /there is a directory at this path/)
      assert.throws(() => diff(download({ ...good, path: '/no/such/x' })), /does not exist/)
    })
  },
  20_000,
)
