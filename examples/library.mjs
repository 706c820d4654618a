// Throughline as a library: a feature, its tasks, and what is left to do.
// Run it from the folder of Throughline: node examples/library.mjs [FILE]
import { open } from '../dist/index.mjs'

const pipeline = await open(process.argv[2] ?? ':memory:', { actor: 'agent:planner-1' })

const feature = await pipeline.item.create({
  title: 'Invoice extractor',
  priority: 1,
  criteria: ['One JSON a supplier', 'Totals add up'],
})
for (const title of ['Split pages', 'Read totals', 'Write JSON']) {
  await pipeline.item.create({ title, parent: feature.id })
}

// Two agents want the same task: one of them gets it.
const { items: tasks } = await pipeline.item.list({ parent: feature.id })
await pipeline.item.claim({ id: tasks[0].id })
await pipeline.item.move({ id: tasks[0].id, to: 'done' })

// `call` gives the warnings too: here, that stages were skipped.
const { warnings } = await pipeline.call('item.move', { id: tasks[1].id, to: 'qa' })
console.log(warnings.join('\n'))

const { children, progress } = await pipeline.item.show({ id: feature.id, children: true })
console.log(`${feature.title}: ${progress.finished} of ${progress.total} finished`)
for (const child of children) console.log(`  #${child.id} ${child.title}: ${child.stage}`)

await pipeline.close()
