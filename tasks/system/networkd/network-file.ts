import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { groupProbe, type GroupState } from '../../../runner/model/facts-of/group.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { type FileState, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { revealAny, Secret } from '../../../runner/model/secret.ts'
import type { Step } from '../../../runner/model/step.ts'
import { reload } from '../../../runner/model/trigger.ts'
import { certain, inText, unknownReason } from '../../../runner/model/unknown.ts'
import { contentChange } from '../../files/content-change.ts'
import { type DesiredContent, desiredContent } from '../../files/desired-content.ts'
import { fileAfter } from '../../files/file-after.ts'
import { ownershipChanges, ownershipScript, type WantedOwnership } from '../../files/ownership.ts'
import { wrongKind } from '../../files/place.ts'
import { type NetworkSections, networkText } from './network-text.ts'

export type { NetworkSection, NetworkSections, NetworkValue } from './network-text.ts'

export interface NetworkFileOptions {
  /**
   * The file in `/etc/systemd/network`, with its suffix: `10-lan.network`, `10-br0.netdev`, `10-lan.link`. Of several
   * `.network` or `.link` files that match a link the first one counts, in the order of their names.
   */
  readonly name: string
  /** Makes it a drop-in, which adds to that file or overrides parts of it: `/etc/systemd/network/NAME.d/DROPIN.conf`. */
  readonly dropIn?: string
  /** What is to be in it: this or `content` is needed, unless it is to be absent. */
  readonly sections?: NetworkSections
  /** The same as text. */
  readonly content?: string | Secret<string>
  /** `absent` removes the file; a link that a `.netdev` file made stays until it is deleted. @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface NetworkFileOut {
  readonly path: string
}

type Suffix = 'network' | 'netdev' | 'link'

interface Wanted {
  readonly what: string
  readonly path: string
  readonly suffix: Suffix
  /** The directory of a drop-in, which goes with the last of them. */
  readonly folder: string | undefined
  /** `undefined`: the file is not to be there. */
  readonly desired: DesiredContent | undefined
  /** Whether others may read it. */
  readonly open: boolean
}

interface State {
  readonly file: PathState
  readonly group: GroupState | undefined
}

const directory = '/etc/systemd/network'

/** As whom systemd-networkd runs; udev, which reads `.link` files, is root. */
const networkd = 'systemd-network'

const definition = resource<Wanted, State, NetworkFileOut>({
  kind: 'network-file',
  id: ({ path }) => path,
  probes: ({ path, desired }) => ({
    file: pathProbe(
      path,
      desired === undefined
        ? { digest: false }
        : { content: desired.unknown === undefined ? { unless: desired.sha256 } : 'always' },
    ),
    group: groupProbe(networkd),
  }),
  diff(wanted, state): Change[] {
    const { path, desired } = wanted
    if (desired === undefined) {
      return certain(state.file).kind === 'absent' ? [] : [{ field: 'file', before: path, after: undefined }]
    }
    const found = existing(wanted, state)
    const ownership = ownershipOf(wanted, state)
    const content = contentChange(desired, found, ownership.mode)
    return [...(content ? [content] : []), ...ownershipChanges(ownership, found)]
  },
  apply(wanted, changes, state): Step[] {
    const { path, folder, desired } = wanted
    if (desired === undefined) {
      const empty = folder === undefined ? '' : `\nrmdir ${quote(folder)} 2>/dev/null||:`
      return [{ script: `rm -f ${quote(path)}||exit 1${empty}`, hint: 'Does the play become root?' }]
    }
    const ownership = ownershipOf(wanted, state)
    if (!changes.some(({ field }) => field === 'content')) {
      const lines = ownershipScript(path, ownership, changes, existing(wanted, state))
      return [{ script: ['set -e', ...lines].join('\n'), hint: 'Does the play become root?' }]
    }
    return [
      { script: `mkdir -p ${quote(folder ?? directory)}`, hint: 'Does the play become root?' },
      { upload: desired.content, to: path, ...ownership },
    ]
  },
  after(wanted, state) {
    if (wanted.desired === undefined) return { ...state, file: { kind: 'absent' } }
    const file = fileAfter(wanted.desired, ownershipOf(wanted, state), existing(wanted, state))
    return { ...state, file: state.file.kind === 'link' ? { ...state.file, resolved: file } : file }
  },
  out: ({ path }) => ({ path }),
  onChange: ({ suffix }) => [reload(suffix === 'link' ? 'systemd-udevd' : 'systemd-networkd')],
})

function existing({ what, path }: Wanted, { file }: State): FileState | undefined {
  const found = resolved(certain(file))
  if (found.kind === 'file') return found
  if (found.kind === 'absent') return undefined
  throw wrongKind(what, found, `where ${path} is masked, take that away first with state: 'absent'`)
}

/** systemd.netdev(5): a file with private keys is to be root:systemd-network, 0640. */
function ownershipOf({ open, suffix }: Wanted, { group }: State): WantedOwnership & { readonly mode: string } {
  const reads = !open && suffix !== 'link' && certain(group) !== undefined
  return { mode: open ? '0644' : '0640', owner: 'root', group: reads ? networkd : 'root' }
}

/**
 * A `.network`, `.netdev` or `.link` file of systemd-networkd, or a drop-in for one (systemd.network(5), systemd.netdev(5),
 * systemd.link(5)), in `/etc/systemd/network`. It is root's and of mode 0644; a `.netdev` file, and one with a Secret in it,
 * of 0640 and of the group systemd-network where there is one.
 *
 * After a change systemd-networkd reads its files again (`networkctl reload`), once for all files: where its `service`
 * follows in the body, else at the body's end, so that files which belong together come into force together. Where it
 * does not run, nothing happens to the network: let it run by `service`. Links whose `.network` file has changed are
 * configured anew. A `.netdev` file makes a link that is not there; one that is there keeps most of its settings, and stays
 * when its file goes. For a `.link` file udev reads its files again, which count for a link when it next appears: at the
 * next boot, as a rule. Whether systemd knows the sections and keys is not judged: what it does not know it ignores, and
 * says so in its journal. A file that takes the link away by which the host is reached ends the run.
 * @example
 * await host.ensure([
 *   networkFile({ name: '10-br0.netdev', sections: { NetDev: { Name: 'br0', Kind: 'bridge' } } }),
 *   networkFile({ name: '20-uplink.network', sections: { Match: { Name: 'enp1s0' }, Network: { Bridge: 'br0' } } }),
 *   networkFile({
 *     name: '20-br0.network',
 *     sections: {
 *       Match: { Name: 'br0' },
 *       Network: { DNS: ['192.0.2.1', '192.0.2.2'] },
 *       Address: [{ Address: '192.0.2.10/24' }, { Address: '2001:db8::10/64' }],
 *       Route: { Gateway: '192.0.2.1' },
 *     },
 *   }),
 * ])
 * await host.ensure(service({ name: 'systemd-networkd', enabled: true, running: true }))
 */
export function networkFile(options: NetworkFileOptions): Resource<NetworkFileOut> {
  const { name, dropIn, state = 'present' } = options
  const suffix = suffixOf(name)
  if (dropIn !== undefined && !isName(dropIn)) {
    throw new TsplayError('OPTIONS', `network file: ${shown(dropIn)} can not name a drop-in`, {
      hint: 'its name without ".conf", such as 50-mtu',
    })
  }
  const folder = dropIn === undefined ? undefined : `${directory}/${name}.d`
  const path = folder === undefined ? `${directory}/${name}` : `${folder}/${dropIn}.conf`
  const what = `network file ${path}`
  const desired = state === 'absent' ? undefined : desiredContent(what, contentOf(what, options))
  return definition({ what, path, suffix, folder, desired, open: suffix !== 'netdev' && desired?.secret !== true })
}

const shown = (name: unknown) => JSON.stringify(name)?.slice(0, 80)

const isName = (name: string) => /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,199}$/.test(certain(name))

function suffixOf(name: string): Suffix {
  const suffix = isName(name) ? /.\.(network|netdev|link)$/.exec(name)?.[1] : undefined
  if (suffix !== undefined) return suffix as Suffix
  throw new TsplayError('OPTIONS', `network file: ${shown(name)} can not name one`, {
    hint: 'a name in /etc/systemd/network that ends with .network, .netdev or .link, such as 10-lan.network',
  })
}

function contentOf(what: string, { sections, content }: NetworkFileOptions): string | Secret<string> {
  if ((sections === undefined) === (content === undefined)) {
    throw new TsplayError('OPTIONS', `${what}: either sections or content is needed`)
  }
  const given = inText(sections === undefined ? (content ?? '') : networkText(what, sections))
  const text = revealAny(given)
  const known = unknownReason(text) === undefined
  if (typeof text !== 'string' || text.includes('\0') || (known && !/^[ \t]*\[[A-Za-z0-9-]+\][ \t]*$/m.test(text))) {
    throw new TsplayError('OPTIONS', `${what}: there is no section in it, such as [Match]`)
  }
  return given instanceof Secret ? given.map(ended) : ended(given)
}

/** With the line end that systemd's own files have. */
const ended = (text: string) => (text.endsWith('\n') ? text : `${text}\n`)
