/** A shell glob (`*`, `?`, `[abc]`, `[!abc]`) over a whole name as a regular expression; an unclosed `[` is itself. */
export function globPattern(glob: string): RegExp {
  let text = ''
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!
    if (char === '*') text += text.endsWith('.*') ? '' : '.*'
    else if (char === '?') text += '.'
    else if (char === '[') {
      const close = glob.indexOf(']', i + (glob[i + 1] === '!' ? 3 : 2))
      if (close === -1) text += '\\['
      else {
        text += charClass(glob.slice(i + 1, close))
        i = close
      }
    } else text += char.replaceAll(/[.+^${}()|[\]\\/]/g, '\\$&')
  }
  return new RegExp(`^${text}$`, 's')
}

function charClass(content: string): string {
  const negated = content.startsWith('!')
  const inside = (negated ? content.slice(1) : content).replaceAll(/[\\\]^[]/g, '\\$&')
  try {
    const text = `[${negated ? '^' : ''}${inside}]`
    new RegExp(text)
    return text
  } catch {
    // A range that ends before it begins matches nothing, as in fnmatch.
    return negated ? '.' : '(?!)'
  }
}
