/**
 * Shell text that installs packages of Debian's own repository where the place is Debian; their lists are kept apart from those
 * that rows of packages are about.
 */
export const installed = (...names: readonly string[]): string =>
  `if [ -d /var/lib/dpkg ];then apt() { apt-get -qq -o Dir::State::lists=/run/lists -o Dir::Cache=/run/cache -o Dpkg::Options::=--force-unsafe-io "$@";}
dpkg -s ${names.join(' ')} >/dev/null 2>&1||{ mkdir -p /run/lists/partial /run/cache; apt update; DEBIAN_FRONTEND=noninteractive apt -y install --no-install-recommends ${names.join(' ')} >/dev/null 2>&1 </dev/null;};fi`
