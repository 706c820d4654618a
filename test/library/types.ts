/** Types of the library as its users meet them: checked by `npm run types`, never run. */

import {
  type CheckedItem,
  createPipeline,
  type FullItem,
  getChildItems,
  type Input,
  type ItemSummary,
  type Output,
  open,
  type Pipeline,
  type Stage,
} from '../../src/index.ts'

export async function used(): Promise<void> {
  const pipeline: Pipeline = await open('file.db', { actor: 'agent:builder-1', durability: 'full' })
  const made = await pipeline.item.create({ title: 'A', priority: 1, labels: ['x'] })
  const stage: Stage = made.stage
  const full: FullItem = await pipeline.item.claim({ id: made.id })
  const listed: { items: ItemSummary[]; nextCursor: string | null } = await pipeline.item.list({ stage })
  const answer: { data: Output<'item.move'>; warnings: string[] } = await pipeline.call('item.move', {
    ...{ id: full.id, to: 'live' },
  })
  const checked: CheckedItem = await pipeline.check.run({ id: answer.data.id })
  const wanted: Input<'dependency.add'> = { id: checked.itemId, on: listed.items[0]!.id }
  await pipeline.dependency.add(wanted)
  const child = await createPipeline({ title: 'B', parentId: made.id })
  const children: ItemSummary[] = await getChildItems(child.parentId!)
  await pipeline.criterion.judge({ id: children[0]!.id, number: 1, verdict: 'passed' })
}

export async function misused(pipeline: Pipeline): Promise<void> {
  // @ts-expect-error a title is needed
  await pipeline.item.create({})
  // @ts-expect-error there is no such type
  await pipeline.item.create({ title: 'A', type: 'story' })
  // @ts-expect-error parent is called parentId here
  await createPipeline({ title: 'A', parent: 1 })
  // @ts-expect-error there is no such stage
  await pipeline.item.list({ stage: 'shipped' })
  // @ts-expect-error there is no such operation
  await pipeline.call('item.make', {})
  // @ts-expect-error there is no such option
  await open('file.db', { readonly: true })
}
