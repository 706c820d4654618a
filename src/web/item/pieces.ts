/** Long texts in pieces, so that no one of them holds the page up. Pure. */

/** Characters that are drawn at once, and in each further piece. */
export const pieceChars = 50_000

/**
 * Cut between blocks where there is an empty line, else between lines, else anywhere; a block of code that is cut is
 * closed, and opened again in the next piece.
 */
export function pieces(text: string, most = pieceChars): string[] {
  const found: string[] = []
  let rest = text
  let opening = ''
  while (rest.length > most) {
    const at = cutAt(rest, most)
    const piece = opening + rest.slice(0, at)
    rest = rest.slice(at)
    opening = openFence(piece)
    found.push(opening === '' ? piece : `${piece}\n${opening.trim().replace(/[^`~].*$/s, '')}`)
  }
  if (rest !== '' || found.length === 0) found.push(opening + rest)
  return found
}

/** Not in the first half, so that there are not too many, and never within a pair of surrogates. */
function cutAt(text: string, most: number): number {
  for (const sign of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(sign, most - sign.length)
    if (at > most / 2) return at + sign.length
  }
  const code = text.charCodeAt(most - 1)
  return code >= 0xd800 && code < 0xdc00 ? most - 1 : most
}

/** The line that opened the block of code in which a text ends, with its newline. */
function openFence(text: string): string {
  let opened = ''
  for (const [, fence, rest] of text.matchAll(/^ {0,3}(`{3,}|~{3,})([^\n]*)$/gm)) {
    if (opened === '') opened = `${fence}${rest!.slice(0, 100)}\n`
    else if (
      opened.startsWith(fence![0]!) &&
      rest!.trim() === '' &&
      opened.startsWith(fence!.slice(0, lengthOf(opened)))
    )
      opened = ''
  }
  return opened
}

const lengthOf = (opened: string): number => /^(?:`+|~+)/.exec(opened)![0].length

/** `12 kB`, `1.0 MB`: of characters. */
export const sizeText = (chars: number): string =>
  chars < 1_000_000 ? `${Math.ceil(chars / 1_000)} kB` : `${(chars / 1_000_000).toFixed(1)} MB`
