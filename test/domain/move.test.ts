import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Item } from '../../src/domain/item.ts'
import { decideMove, resolveStage } from '../../src/domain/move.ts'
import { type ItemType, paths, type Stage, stages, types } from '../../src/domain/stage.ts'

const at = '2026-02-05T07:46:15.000Z'
const later = '2026-02-06T07:46:15.000Z'

const itemOf = (type: ItemType, stage: Stage, more: Partial<Item> = {}): Item => ({
  id: 7,
  parentId: null,
  projectId: null,
  title: 'x',
  type,
  stage,
  priority: 2,
  description: null,
  spec: null,
  assignee: null,
  blockedReason: null,
  blockedAt: null,
  severity: null,
  healthCheck: null,
  branch: null,
  skipped: [],
  version: 1,
  createdAt: at,
  updatedAt: at,
  startedAt: null,
  doneAt: null,
  liveAt: null,
  ...more,
})

const facts = { policy: 'guided' as const, waitingFor: [] }
const moved = (item: Item, to: Stage, when = at): Item => ({
  ...item,
  ...decideMove(item, to, facts, when).changes,
})

const anyType = fc.constantFrom(...types)
const typeAndStages = (n: number) =>
  anyType.chain((type) =>
    fc.record({
      type: fc.constant(type),
      walk: fc.array(fc.constantFrom(...paths[type]), { minLength: n, maxLength: n }),
    }),
  )

test.each(types)('%s: every stage is reachable from every other, in one move', (type) => {
  for (const from of paths[type]) {
    for (const to of paths[type]) expect(moved(itemOf(type, from), to).stage).toBe(to)
  }
})

test.each(types)('%s: step by step nothing is skipped and nothing warned of', (type) => {
  let item = itemOf(type, 'idea')
  for (const to of paths[type].slice(1)) {
    expect(decideMove(item, to, facts, at).warnings).toEqual([])
    item = moved(item, to)
  }
  expect(item.skipped).toEqual([])
})

test.each(types)('%s: a forward move records exactly the stages between', (type) => {
  const path = paths[type]
  for (const [start, from] of path.entries()) {
    for (const [end, to] of path.entries()) {
      const move = decideMove(itemOf(type, from), to, facts, at)
      const between = path.filter((_, place) => place > start && place < end)
      expect(move.jumped).toEqual(between)
      expect(move.changes.skipped).toEqual(between)
      expect(move.direction).toBe(start === end ? 'none' : start < end ? 'forward' : 'backward')
      expect(move.warnings.some((text) => text.includes('skipped'))).toBe(between.length > 0)
    }
  }
})

test('what is skipped lies behind the item on its path, in order, and was never entered since', () => {
  fc.assert(
    fc.property(typeAndStages(12), ({ type, walk }) => {
      const path = paths[type]
      let item = itemOf(type, 'idea')
      for (const to of walk) {
        item = moved(item, to)
        const behind = path.slice(0, path.indexOf(to))
        expect(item.skipped).toEqual(behind.filter((stage) => item.skipped.includes(stage)))
        expect(item.skipped).not.toContain('idea')
      }
    }),
  )
})

test('there and back again leaves the stage, and nothing skipped that lies ahead', () => {
  fc.assert(
    fc.property(typeAndStages(2), ({ type, walk: [from, to] }) => {
      const item = itemOf(type, from!)
      expect(moved(moved(item, to!), from!).stage).toBe(from)
      const path = paths[type]
      const ahead = moved(moved(item, to!), from!).skipped.filter(
        (stage) => path.indexOf(stage) >= path.indexOf(from!),
      )
      expect(ahead).toEqual([])
    }),
  )
})

test('what was skipped shrinks when it is entered after all', () => {
  const jumped = moved(itemOf('feature', 'idea'), 'qa')
  expect(jumped.skipped).toEqual(['spec', 'spec-review', 'building'])
  expect(moved(jumped, 'building').skipped).toEqual(['spec', 'spec-review'])
  expect(moved(moved(jumped, 'building'), 'qa').skipped).toEqual(['spec', 'spec-review'])
  expect(moved(jumped, 'spec').skipped).toEqual([])
})

test('moving to where it is changes nothing', () => {
  const item = itemOf('feature', 'live', { doneAt: at, liveAt: at, skipped: ['spec'], startedAt: at })
  const move = decideMove(item, 'live', { policy: 'guided', waitingFor: [1] }, later)
  expect(move).toMatchObject({ direction: 'none', warnings: [], jumped: [] })
  expect({ ...item, ...move.changes }).toEqual(item)
})

describe('times', () => {
  test('started is the first entry into building', () => {
    const first = moved(itemOf('feature', 'spec-review'), 'building')
    expect(first.startedAt).toBe(at)
    expect(moved(moved(first, 'idea', later), 'building', later).startedAt).toBe(at)
    expect(moved(itemOf('task', 'idea'), 'qa').startedAt).toBeNull()
  })

  test('done stays when it goes live, and both go when it moves back', () => {
    const done = moved(itemOf('feature', 'final-review'), 'done')
    const live = moved(done, 'live', later)
    expect(live).toMatchObject({ doneAt: at, liveAt: later })
    expect(moved(live, 'qa')).toMatchObject({ doneAt: null, liveAt: null })
    expect(moved(live, 'done', later)).toMatchObject({ doneAt: later, liveAt: null })
  })

  test('live without done has no time of done', () => {
    expect(moved(itemOf('feature', 'qa'), 'live')).toMatchObject({ doneAt: null, liveAt: at })
  })
})

describe('warnings', () => {
  const warned = (item: Item, to: Stage, waitingFor: number[] = []) =>
    decideMove(item, to, { policy: 'guided', waitingFor }, at).warnings.join('\n')

  test.each(stages.slice(0, 6))('going live from %s', (from) => {
    expect(warned(itemOf('feature', from), 'live')).toContain('went live without being done')
  })

  test('not when it goes live from done', () => {
    expect(warned(itemOf('feature', 'done'), 'live')).toBe('')
  })

  test('names the skipped stages of an incident as they are shown', () => {
    expect(warned(itemOf('incident', 'idea'), 'done')).toBe('#7 skipped building, qa; it stays on record')
  })

  test('a flag and unfinished dependencies, but only on the way forward', () => {
    const item = itemOf('task', 'building', { blockedReason: 'no login', blockedAt: at })
    expect(warned(item, 'qa', [3, 4])).toBe(
      '#7 is still flagged as blocked: no login\n#7 still waits for #3, #4',
    )
    expect(warned(item, 'idea', [3, 4])).toBe('')
  })
})

describe('a stage off the path, left by the owner’s own SQL', () => {
  test('may be left both ways, and the direction is that of the stages', () => {
    const odd = itemOf('task', 'spec')
    expect(decideMove(odd, 'building', facts, at)).toMatchObject({ direction: 'forward', jumped: [] })
    expect(decideMove(odd, 'done', facts, at)).toMatchObject({ jumped: ['building', 'qa'] })
    expect(decideMove(odd, 'idea', facts, at)).toMatchObject({ direction: 'backward', warnings: [] })
    expect(moved(odd, 'idea').stage).toBe('idea')
  })
})

describe('the word for a stage', () => {
  test.each([
    ['task', 'spec', 'spec is not on the path of a task', 'idea, building, qa, done'],
    ['task', 'resolved', 'resolved is not on the path of a task', 'idea, building, qa, done'],
    ['incident', 'live', 'live is not on the path of an incident', 'open, building, qa, resolved'],
    ['epic', 'open', 'open is not on the path of an epic', stages.join(', ')],
    ['feature', 'bulding', 'unknown stage "bulding"; did you mean building?', stages.join(', ')],
    ['feature', '', 'unknown stage ""', stages.join(', ')],
    ['feature', '__proto__', 'unknown stage "__proto__"', stages.join(', ')],
  ] as const)('%s: %j is refused, and the legal ones are listed', (type, word, message, legal) => {
    expect(() => resolveStage({ id: 7, type }, word)).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(legal),
      }),
    )
  })

  test('open and resolved are the ends of an incident', () => {
    expect(resolveStage({ id: 7, type: 'incident' }, 'open')).toBe('idea')
    expect(resolveStage({ id: 7, type: 'incident' }, 'resolved')).toBe('done')
    expect(resolveStage({ id: 7, type: 'incident' }, 'done')).toBe('done')
  })
})
