import * as z from 'zod/mini'
import { keyTypes, listItems } from '../store/lists.ts'
import { readCursor, writeCursor } from './cursor.ts'
import * as field from './fields.ts'
import { itemLines } from './item-line.ts'
import { operation } from './operation.ts'
import { wordsOf } from './search-words.ts'
import { summarize } from './view.ts'

export const itemSearch = operation({
  name: 'item.search',
  summary: 'Find items by words of their title, description, spec or notes',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input: () =>
    z.strictObject({
      words: field.words('words; all must be found, each at the start of a word', 1_000),
      limit: field.limit(),
      cursor: field.cursor(),
    }),
  output: () => z.strictObject({ items: z.array(field.itemSummary()), nextCursor: z.nullable(z.string()) }),
  http: { method: 'get', path: '/search' },
  command: { words: 'search', positionals: ['words...'], examples: ['pipeline search rate limit'] },
  async run(input, { q }) {
    const words = wordsOf(input.words, 'words')
    const after =
      input.cursor === undefined ? undefined : readCursor('search', keyTypes('search'), input.cursor)
    const page = { sort: 'search', descending: false, after, limit: input.limit } as const
    const { items, next } = await listItems(q, { words }, page)
    return { items: await summarize(q, items), nextCursor: next && writeCursor('search', next) }
  },
  toText({ items, nextCursor }, style) {
    if (items.length === 0) return 'Nothing found.'
    const lines = itemLines(items, style)
    if (nextCursor) lines.push(style.dim(`more: --cursor ${nextCursor}`))
    return lines.join('\n')
  },
})
