import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { absent } from '../../../tasks/files/absent.ts'
import { gitCheckout, type GitCheckoutOptions } from '../../../tasks/files/git/git-checkout.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/** When files were last seen, and when commits were moved to. */
const varies = /\/\.git\/(?:index|ORIG_HEAD|logs\/.*)$/

/** A repository of three commits, with the same ids wherever it is made. */
const making = (path: string) => `set -e
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org
export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'
rm -rf ${path}/origin; mkdir -p ${path}; git init -q -b main ${path}/origin 2>/dev/null; cd ${path}/origin
echo zero >f; git add f; git commit -q -m zero
echo one >f; git commit -q -a -m one; git tag -a -m v1 v1
echo two >f; git commit -q -a -m two; git config uploadpack.allowAnySHA1InWant true`

const [two = '', one = '', zero = ''] = ids()

/** The commits of the repository, the newest first. */
function ids(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-git-'))
  try {
    const log = `${making(folder)}; git log --format=%H`
    return execFileSync('sh', ['-c', log], { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const path = '/srv/t/code'
const checkout = (options: Partial<GitCheckoutOptions>) =>
  gitCheckout({ repository: '/srv/t/origin', path, ...options })
const prepare = making('/srv/t')
const reset = 'rm -rf /srv/t'
const undo = () => absent({ path })

export const gitCheckoutRow: Row = {
  resource: 'gitCheckout',
  cases: [
    {
      name: 'a commit',
      prepare,
      make: () => checkout({ revision: one }),
      drifts: [
        { by: `cd ${path} && git checkout -q ${two}`, sees: [{ field: 'revision', before: two, after: one }] },
        {
          by: `cd ${path} && git config remote.origin.url /elsewhere`,
          sees: [{ field: 'repository', before: '/elsewhere', after: '/srv/t/origin' }],
        },
        { by: `rm -rf ${path}`, sees: [{ field: 'checkout', before: undefined, after: one }] },
      ],
      undo,
      varies,
      reset,
      hostile: {
        path: {
          make: (name) => checkout({ path: `/srv/t/${name}`, revision: one }),
          values: hostileTexts.filter((text) => text.length < 1000),
          reads: (name) => `cat '/srv/t/${name.replaceAll("'", `'\\''`)}/f'`,
          gives: () => 'one\n',
          refusal: /holds something else than a checkout/,
          reset: `${reset}; ${prepare}`,
        },
        repository: {
          make: (repository) => checkout({ repository }),
          values: hostileTexts,
          refusal: /not appear to be a git repository|File name too long|hostname/,
        },
        revision: {
          make: (revision) => checkout({ revision }),
          values: hostileTexts,
          refusal: /it has no branch or tag/,
        },
      },
    },
    {
      name: 'a branch, whatever was edited',
      prepare,
      make: () => checkout({ revision: 'main', force: true }),
      drifts: [
        {
          by: `echo by hand >${path}/f; touch ${path}/kept`,
          sees: [{ field: 'local changes', before: ['f'], after: [] }],
        },
        {
          by: `cd ${path} && git checkout -q v1 && echo by hand >f`,
          sees: [
            { field: 'revision', before: one, after: two },
            { field: 'local changes', before: ['f'], after: [] },
          ],
        },
      ],
      varies,
      reset,
    },
    {
      name: 'a tag, of one commit',
      prepare: `${prepare}; git init -q ${path} 2>/dev/null; cd ${path}; git fetch -q /srv/t/origin ${zero}; git checkout -q FETCH_HEAD`,
      make: () => checkout({ revision: 'v1', depth: 1 }),
      varies,
      reset,
    },
  ],
}
