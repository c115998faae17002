import type { Row } from './row.ts'
import { aclRow } from './rows/access-lists.ts'
import { caCertificateRow } from './rows/certificates.ts'
import { containerImageRow, containerRow } from './rows/containers.ts'
import { debconfRow } from './rows/debconf.ts'
import { dnfRow, dnfUpgradeRow } from './rows/dnf.ts'
import { firewallRows } from './rows/firewalls.ts'
import { apkRows } from './rows/apk.ts'
import { openrcRow } from './rows/openrc.ts'
import { archiveRows } from './rows/archives.ts'
import { accountRows } from './rows/accounts.ts'
import { filesystemRow } from './rows/filesystems.ts'
import { selinuxRows } from './rows/selinux.ts'
import { gitCheckoutRow } from './rows/git.ts'
import { fileRows } from './rows/files.ts'
import { mountRow } from './rows/mounts.ts'
import { repositoryRows } from './rows/repositories.ts'
import { machineRows } from './rows/machine.ts'
import { networkFileRow } from './rows/networks.ts'
import { packageRows } from './rows/packages.ts'
import { sourcedRows } from './rows/sourced.ts'
import { settingsRows } from './rows/settings.ts'
import { swapOffRow, swapRow } from './rows/swaps.ts'
import { systemRows } from './rows/system.ts'
import { textRows } from './rows/text.ts'
import { treeRows } from './rows/trees.ts'
import { valueRows } from './rows/values.ts'

/** Every resource that tasks export has a row here. */
export const rows: readonly Row[] = [
  ...fileRows,
  ...textRows,
  ...valueRows,
  ...archiveRows,
  aclRow,
  ...treeRows,
  ...sourcedRows,
  ...accountRows,
  ...systemRows,
  ...machineRows,
  ...settingsRows,
  networkFileRow,
  ...firewallRows,
  caCertificateRow,
  containerImageRow,
  containerRow,
  mountRow,
  filesystemRow,
  ...selinuxRows,
  swapRow,
  swapOffRow,
  gitCheckoutRow,
  ...packageRows,
  ...repositoryRows,
  debconfRow,
  dnfRow,
  dnfUpgradeRow,
  ...apkRows,
  openrcRow,
]
