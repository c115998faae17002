import type { InventoryHost } from './inventory.ts'

/** Variables of Ansible's that `connectionVars` reads. */
export const connectionNames =
  `ansible_ssh_host ansible_host ansible_ssh_port ansible_port ansible_ssh_user ansible_user ansible_connection
  ansible_ssh_private_key_file ansible_private_key_file ansible_ssh_password ansible_ssh_pass ansible_password
  ansible_become_method ansible_become_password ansible_become_pass ansible_sudo_pass ansible_ssh_host_key_checking
  ansible_host_key_checking ansible_ssh_timeout ansible_timeout ansible_ssh_args ansible_ssh_common_args
  ansible_ssh_extra_args`.split(/\s+/)

const read = new Set(connectionNames)

/** Variables of Ansible's that need no counterpart: there is no Python on the hosts, and a session is always reused. */
const needless =
  /^ansible_(?:\w+_interpreter|ssh_pipelining|pipelining|ssh_transfer_method|scp_if_ssh|ssh_(?:control_path|control_path_dir|retries|use_tty)|facts|local_temp|remote_tmp|async_dir|become_flags|group_priority)$/

/** Variables of Ansible's that say how a host is reached or how root is become there, and mean nothing here. */
const unread =
  /^ansible_(?:become(?:_\w+)?|su(?:_\w+)?|sudo(?:_\w+)?|ssh_\w+|sftp_\w+|scp_\w+|paramiko_\w+|winrm_\w+|psrp_\w+|docker_\w+|network_os|shell_\w+|chroot_exe|httpapi_\w+|connection_\w+)$/

/** Whether a variable is about how hosts are reached, by its name. */
export const isConnectionVar = (name: string): boolean =>
  name === 'connection' || read.has(name) || needless.test(name) || unread.test(name)

/** Variables of a host that tell Ansible how to reach it, and that tsplay does not read: it would be wrong to be silent. */
export const unreadVars = ({ vars }: InventoryHost): string[] =>
  Object.keys(vars).filter((name) => unread.test(name) && !read.has(name) && !needless.test(name))
