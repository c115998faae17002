import type { Plan } from './plan.ts'

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** What somebody would write by hand who does these operations once, in one shell script: correct, and no more. */
export function floorScript(plan: Plan): string {
  return [
    'set -eu',
    'changed=0',
    'note() { changed=$((changed + 1)); }',
    'mode() { [ "$(stat -c %a "$1")" = "${2#0}" ] || { chmod "$2" "$1"; note; }; }',
    'dir() { [ -d "$1" ] || { mkdir -p "$1"; note; }; mode "$1" "$2"; }',
    'file() {',
    `  text=$(cat; echo .)`,
    '  if [ "$(cat "$1" 2>/dev/null; echo .)" != "$text" ]; then',
    '    printf %s "${text%.}" >"$1.new"; chmod "$2" "$1.new"; mv "$1.new" "$1"; note',
    '  fi',
    '  mode "$1" "$2"',
    '}',
    'line() { grep -qxF "$2" "$1" 2>/dev/null || { printf "%s\\n" "$2" >>"$1"; note; }; }',
    'link() { [ "$(readlink "$1")" = "$2" ] || { ln -sfn "$2" "$1"; note; }; }',
    'uname -r',
    'id -un',
    ...plan.directories.map(({ path, mode }) => `dir ${quote(path)} ${mode}`),
    ...plan.files.map(({ path, mode, content }) => `file ${quote(path)} ${mode} <<'END'\n${content}END`),
    ...plan.lines.map(({ path, line }) => `line ${quote(path)} ${quote(line)}`),
    ...plan.links.map(({ path, target }) => `link ${quote(path)} ${quote(target)}`),
    ...plan.commands.map(
      ({ creates, word }) => `[ -e ${quote(creates)} ] || { echo ${word} >${quote(creates)}; note; }`,
    ),
    `cat ${quote(plan.reads[0])}`,
    `ls ${quote(plan.reads[1])}`,
    'echo "changed=$changed"',
    '',
  ].join('\n')
}
