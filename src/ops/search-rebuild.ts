import * as z from 'zod/mini'
import { recount } from '../store/counts.ts'
import { rebuildSearch } from '../store/search.ts'
import { log } from './change.ts'
import { operation } from './operation.ts'

export const searchRebuild = operation({
  name: 'search.rebuild',
  summary: 'Write the index of the search and the counts of the board anew, after changes by other programs',
  kind: 'write',
  needs: 'admin',
  input: () => z.strictObject({}),
  output: () => z.strictObject({ texts: z.number() }),
  http: { method: 'post', path: '/search/rebuild' },
  command: { words: 'reindex' },
  async run(_input, context) {
    const texts = await rebuildSearch(context.q)
    await recount(context.q)
    await log(context, null, 'search-rebuilt', { detail: { texts } })
    return { texts }
  },
  toText: ({ texts }) => `Indexed ${texts} texts`,
})
