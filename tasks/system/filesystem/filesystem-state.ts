import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { typed } from '../../../runner/model/typed-question.ts'
import { sizeBy, superblocks } from './filesystem-size.ts'
import type { FilesystemType } from './filesystem-type.ts'

export interface FilesystemState {
  /** Whether blkid and wipefs of util-linux are there. */
  readonly tools: boolean
  readonly mkfs: boolean
  /** What a device holds, as blkid(8) names it: a file system, a partition table, a member of something. */
  readonly holds: string | undefined
  readonly label: string | undefined
  /** Where it is mounted, or what else uses it. */
  readonly mounted: string | undefined
  readonly usedBy: string | undefined
  /** Of the device, in bytes. */
  readonly size: number
  /** Bytes of the device that the file system does not use, where they are worth it. */
  readonly spare: number
}

/** What is left at the end by all tools, since it is too small for a group of blocks. */
const smallest = 8 << 20

export const toolsPath = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin'

/** Asks what a device or an image file holds, by its content and not by any cache, and what uses it. */
export const filesystemProbe = typed('filesystem', (device: string, type: FilesystemType): Probe<FilesystemState> => {
  const kind = type === 'xfs' || type === 'btrfs' ? type : 'ext'
  return {
    fact: `filesystem:${device}`,
    touches: [`path:${device}`],
    script: `{
(
export LC_ALL=C ${toolsPath}
p=${quote(device)}
blkid -V 2>&1|grep -q util-linux&&command -v wipefs >/dev/null&&echo tools
! command -v mkfs.${/^\w+$/.test(type) ? type : 'none'} >/dev/null||echo mkfs
[ -b "$p" ]||[ -f "$p" ]||exit
b=$(blkid -p -o export -- "$p");r=$?
if [ $r = 8 ];then echo 'holds several things';fi
printf '%s\\n' "$b"|sed -n 's/^TYPE=/holds /p;s/^PTTYPE=/table /p'
printf 'label ';blkid -p -o value -s LABEL -- "$p"|od -An -v -tx1|tr -d ' \\n';echo
if [ -b "$p" ];then echo "size $(blockdev --getsize64 "$p")";else echo "size $(stat -L -c %s "$p")";fi
printf 'superblock ';dd if="$p" ${superblocks[kind]}|od -An -v -tx1|tr -d ' \\n';echo
n=$(readlink -f "$p");n=\${n##*/}
for h in "/sys/class/block/$n/holders"/*;do if [ -e "$h" ];then echo "used \${h##*/}";fi;done
while read -r s _;do if [ "$s" -ef "$p" ];then echo 'used swap';fi;done </proc/swaps
while read -r s m _;do
case $s in /dev/loop*)l=$(cat "/sys/block/\${s##*/}/loop/backing_file");;*)l=;;esac
if [ "$s" -ef "$p" ]||{ [ "$l" ]&&[ "$l" -ef "$p" ]; };then printf '%s\\n' "mounted $m";fi
done </proc/mounts
)
echo end
} 2>/dev/null`,
    parse(raw) {
      if (!raw.endsWith('end\n')) throw unclear(`the file system on ${device}`, raw)
      const word = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(raw)?.[1]
      const holds = word('holds') ?? word('table')
      const size = Number(word('size') ?? 0)
      const taken = type === 'vfat' || holds !== type ? undefined : sizeBy(kind, word('superblock') ?? '')
      const spare = size - (taken ?? size)
      const label = Buffer.from(word('label') ?? '', 'hex')
        .toString()
        .replace(/\n$/, '')
      return {
        tools: /^tools$/m.test(raw),
        mkfs: /^mkfs$/m.test(raw),
        holds,
        label: label === '' ? undefined : label,
        // As /proc/mounts has it: blanks and backslashes in octal.
        mounted: word('mounted')?.replaceAll(/\\(\d{3})/g, (_, digits: string) =>
          String.fromCharCode(parseInt(digits, 8)),
        ),
        usedBy: word('used'),
        size,
        spare: spare < smallest ? 0 : spare,
      }
    },
  }
})
