import * as z from 'zod/mini'
import { verdicts } from '../domain/item.ts'
import { TrackerError } from '../errors.ts'
import { criteriaOf, judgeCriterion } from '../store/links.ts'
import { lockForChange, log, store } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { named } from './style.ts'
import { fullView } from './view.ts'

export const criterionJudge = operation({
  name: 'criterion.judge',
  summary: 'Give the verdict on an acceptance criterion',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      id: field.itemId(),
      number: field.described(z.int().check(z.minimum(1)), 'which criterion, counted from 1'),
      verdict: field.described(z.enum(verdicts), 'verdict'),
      evidence: z.optional(field.text('what shows it')),
      ifMatch: z.optional(field.version()),
    }),
  output: () => field.fullItem(),
  http: { method: 'post', path: '/items/:id/criteria/:number' },
  command: {
    words: 'ac',
    positionals: ['id', 'number', 'verdict'],
    flags: { evidence: { from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline ac 12 1 passed --evidence "12 suppliers, 12 files"'],
  },
  async run(input, context) {
    const { q } = context
    const item = await lockForChange(q, input.id, input.ifMatch)
    const criteria = await criteriaOf(q, item.id)
    const criterion = criteria[input.number - 1]
    if (!criterion) {
      throw new TrackerError(
        'not-found',
        `#${item.id} has ${criteria.length} criteria; there is no number ${input.number}`,
        {
          hint: `see them: pipeline show ${item.id}; add one: pipeline update ${item.id} --add-ac TEXT`,
        },
      )
    }
    const evidence = input.evidence || (input.verdict === criterion.verdict ? criterion.evidence : null)
    await judgeCriterion(q, criterion.id, { verdict: input.verdict, evidence })
    const stored = await store(context, item, {})
    await log(context, item.id, 'judged', {
      detail: { title: item.title, criterion: criterion.text, from: criterion.verdict, to: input.verdict },
      note: input.evidence || null,
    })
    return fullView(q, stored)
  },
  toText(item, style) {
    const passed = item.criteria.filter((each) => each.verdict === 'passed').length
    return `${named(item, style)}: ${passed} of ${item.criteria.length} criteria passed`
  },
})
