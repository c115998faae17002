import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { quote } from '../../../runner/model/quote.ts'
import { typed } from '../../../runner/model/typed-question.ts'

export interface SwapState {
  /** Whether it bears the mark of swap space. */
  readonly formatted: boolean
  /** What a device holds that is no swap space, as blkid(8) names it. */
  readonly holds?: string | undefined
  /** `undefined`: it is not swapped to now. */
  readonly active: { readonly priority: number } | undefined
}

/**
 * Asks whether a file or device is made for swap, and used for it. The mark is at the end of the first page (mkswap(8)); in
 * /proc/swaps a line is `PATH TYPE SIZE USED PRIORITY`.
 */
export const swapProbe = typed('swap', (path: string): Probe<SwapState> => ({
  fact: `swap:${path}`,
  touches: [`path:${path}`],
  script: `{
p=${quote(path)}
if [ -e "$p" ];then
n=$(getconf PAGESIZE||echo 4096)
if [ "$(dd if="$p" bs=1 skip=$((n-10)) count=10|tr -d '\\0')" = SWAPSPACE2 ];then echo formatted
elif [ -b "$p" ];then h=$(PATH=$PATH:/usr/sbin:/sbin blkid -p -o value -s TYPE -s PTTYPE "$p"|head -n 1);if [ "$h" ];then echo "holds $h";fi;fi
while read -r f _ _ _ q;do if [ "$f" -ef "$p" ];then echo "active $q";fi;done </proc/swaps
fi
echo end
} 2>/dev/null`,
  parse(raw) {
    if (!raw.endsWith('end\n')) {
      throw unclear(`swap ${path}`, raw)
    }
    const priority = /^active (-?\d+)$/m.exec(raw)?.[1]
    const holds = /^holds (.+)$/m.exec(raw)?.[1]
    return {
      formatted: /^formatted$/m.test(raw),
      ...(holds === undefined ? {} : { holds }),
      active: priority === undefined ? undefined : { priority: Number(priority) },
    }
  },
  absent: ({ formatted, active }) => !formatted && active === undefined,
}))
