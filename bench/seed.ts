/** Databases of a given size, filled through the store: item, log and search index, as the product writes them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toInstant } from '../src/domain/instant.ts'
import { paths, type Stage } from '../src/domain/stage.ts'
import { appendEntry } from '../src/store/activity.ts'
import type { Database } from '../src/store/database.ts'
import { insertItem, updateItem } from '../src/store/items.ts'
import { addLabels } from '../src/store/links.ts'
import { openDatabase } from '../src/store/open.ts'
import { indexItem } from '../src/store/search.ts'

const began = Date.UTC(2026, 0, 1)
const words = ['invoice', 'digest', 'retry', 'export', 'board', 'search', 'login', 'quote', 'alert', 'report']

export interface Seed {
  url: string
  remove(): void
}

export async function seedFile(items: number): Promise<Seed> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-bench-'))
  const url = join(folder, 'pipeline.db')
  const database = await openDatabase(url, { now: toInstant(began) })
  await fill(database, items)
  await database.close()
  return { url, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const batch = 5000

export async function fill(database: Database, items: number): Promise<void> {
  for (let from = 0; from < items; from += batch) {
    await database.write(async (q) => {
      for (let index = from; index < Math.min(items, from + batch); index += 1) await one(q, index)
    })
  }
}

async function one(q: Parameters<typeof insertItem>[0], index: number): Promise<void> {
  const createdAt = toInstant(began + index * 60_000)
  const stage = stageOf(index)
  const title = `${words[index % 10]} ${words[(index * 7) % 10]} number ${index}`
  const item = await insertItem(q, {
    parentId: index > 10 && index % 5 === 0 ? (index % 10) + 1 : null,
    projectId: null,
    title,
    type: index % 5 === 0 ? 'enhancement' : 'feature',
    stage,
    priority: ((index * 13) % 4) + 1,
    description: `What ${title} is for, in a sentence or two, as people write them.`,
    spec: null,
    assignee: index % 3 === 0 ? `agent:builder-${index % 20}` : null,
    severity: null,
    healthCheck: null,
    branch: null,
    createdAt,
  })
  const times =
    stage === 'done'
      ? { doneAt: createdAt }
      : stage === 'live'
        ? { doneAt: createdAt, liveAt: createdAt }
        : {}
  await updateItem(q, item.id, 1, times, createdAt)
  await indexItem(q, item.id, item)
  await appendEntry(q, {
    at: createdAt,
    itemId: item.id,
    actor: 'human:bench',
    source: null,
    action: 'created',
  })
  if (index % 4 === 0) await addLabels(q, item.id, [words[index % 10]!])
}

/** Most are over, as in a pipeline that has been used for long; every stage has some. */
function stageOf(index: number): Stage {
  const turn = index % 20
  if (turn < 9) return 'done'
  if (turn < 13) return 'live'
  return paths.feature[turn - 13] ?? 'idea'
}
