/**
 * Markdown of items as nodes that do nothing: no script, no style, nothing loaded from anywhere, and links that lead
 * to pages and letters alone. What hostile texts try is in test/web/markdown.test.ts.
 */

import DOMPurify from 'dompurify'
import { Marked, type TokenizerAndRendererExtension } from 'marked'
import { harmless } from '../../domain/text.ts'

/** `#12` leads to the item. */
const reference: TokenizerAndRendererExtension = {
  name: 'reference',
  level: 'inline',
  start: (text) => /(?<![\w/#&])#\d/.exec(text)?.index,
  tokenizer(text) {
    const found = /^#(\d{1,15})(?!\w)/.exec(text)
    return found && !this.lexer.state.inLink ? { type: 'reference', raw: found[0], id: found[1] } : undefined
  },
  renderer: ({ id }) => `<a href="/items/${id}">#${id}</a>`,
}

/**
 * HTML within Markdown is shown as it was written, but for a few plain signs. Among them is none that a parser opens
 * again in every block that follows: a few thousand of those would be millions of nodes.
 */
const plainTags = /^(?:br|hr|kbd|samp|sub|sup|ins|mark|details|summary)$/i

const plainHtml = (text: string): string =>
  text.replace(/<!--[\s\S]*?-->|<\/?([a-z]+)\s*\/?>|[<>]/gi, (sign, tag?: string) => {
    if (sign.startsWith('<!--')) return ''
    if (tag && plainTags.test(tag)) return sign
    return sign.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  })

const marked = new Marked({
  gfm: true,
  breaks: false,
  extensions: [reference],
  // A form has no place here; the sign is read aloud as well.
  renderer: {
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    html: ({ text }) => plainHtml(text),
  },
})

const tags = [
  ...['p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'kbd', 'samp'],
  ...['strong', 'b', 'em', 'i', 'del', 's', 'ins', 'sub', 'sup', 'mark', 'a'],
  ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'details', 'summary'],
]

const purifier = DOMPurify(window)

/** Of a document of its own: nothing in it is loaded, and nothing runs. */
const inert = new DOMParser()

/**
 * @param level of the heading below which the text stands
 * @returns nodes for the page
 */
export function rendered(text: string, level = 2): DocumentFragment {
  try {
    return safe(text, level)
  } catch {
    return asItIs(text)
  }
}

/** What neither the parser nor the sanitiser can take is shown as it is. */
function asItIs(text: string): DocumentFragment {
  const nodes = document.createDocumentFragment()
  const shown = document.createElement('pre')
  shown.textContent = text
  nodes.append(shown)
  reachable(shown)
  return nodes
}

function safe(text: string, level: number): DocumentFragment {
  const { body } = inert.parseFromString(
    marked.parse(harmless(text.replace(/\r\n?/g, '\n')), { async: false }),
    'text/html',
  )
  for (const image of body.querySelectorAll('img')) image.replaceWith(named(image))
  order([...body.querySelectorAll('h1, h2, h3, h4, h5, h6')], level)
  const clean = purifier.sanitize(body.innerHTML, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'title', 'align', 'start', 'colspan', 'rowspan', 'open'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const link of clean.querySelectorAll('a')) tame(link)
  for (const wide of clean.querySelectorAll('pre, table')) reachable(wide)
  return clean
}

/** An image as a link by its name: nothing is fetched unless somebody follows it. */
function named(image: HTMLImageElement): HTMLElement {
  const target = image.getAttribute('src') ?? ''
  const name = image.alt || image.title || target.slice(0, 200) || 'image'
  const isInLink = image.closest('a') !== null
  const shown = image.ownerDocument.createElement(isInLink ? 'em' : 'a')
  shown.textContent = name
  if (!isInLink) shown.setAttribute('href', target)
  return shown
}

/** Headings one below the other, without a gap, under the heading of the page. */
function order(headings: readonly Element[], level: number): void {
  const above: number[] = []
  for (const heading of headings) {
    const own = Number(heading.tagName[1])
    while (above.length > 0 && above.at(-1)! >= own) above.pop()
    above.push(own)
    const renamed = heading.ownerDocument.createElement(`h${Math.min(6, level + above.length)}`)
    renamed.append(...heading.childNodes)
    heading.replaceWith(renamed)
  }
}

/** A link that leads nowhere one may go is no link. */
function tame(link: HTMLAnchorElement): void {
  const target = targetOf(link.getAttribute('href'))
  if (!target) {
    link.replaceWith(...link.childNodes)
    return
  }
  link.setAttribute('rel', 'noopener noreferrer nofollow')
  if (target.origin !== location.origin) link.setAttribute('target', '_blank')
}

const schemes = new Set(['http:', 'https:', 'mailto:'])

function targetOf(href: string | null): URL | undefined {
  if (href === null || !URL.canParse(href, location.href)) return undefined
  const target = new URL(href, location.href)
  return schemes.has(target.protocol) ? target : undefined
}

/** What is wider than the page is scrolled, by the keyboard too. */
function reachable(wide: Element): void {
  const box = document.createElement('div')
  box.className = 'wide'
  box.tabIndex = 0
  box.setAttribute('role', 'group')
  box.setAttribute('aria-label', wide.tagName === 'TABLE' ? 'Table' : 'Code')
  wide.replaceWith(box)
  box.append(wide)
}
