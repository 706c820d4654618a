import * as z from 'zod/mini'
import { didYouMean } from '../domain/nearest.ts'
import { count } from '../domain/text.ts'
import { TrackerError } from '../errors.ts'
import { inSavepoint } from '../store/savepoint.ts'
import { indexedTogether, writeHeld } from '../store/search.ts'
import { idFieldsOf, type Names, namesOfIds } from './batch-names.ts'
import * as field from './fields.ts'
import { parseInput } from './input.ts'
import { type AnyOperation, type Context, operation } from './operation.ts'

/** One that came to an operation. */
const shapeOfLine = () =>
  z.strictObject({
    op: z.string(),
    input: z.optional(z.record(z.string(), z.unknown())),
    /** A name for the id of the answer: `"$name"` stands for it in the lines below, where an id is wanted. */
    as: z.optional(z.string().check(z.regex(/^[A-Za-z_]\w{0,63}$/))),
  })
type Line = z.output<ReturnType<typeof shapeOfLine>>

/** Built once: a batch has ten thousand of them. */
let lineSchema: ReturnType<typeof shapeOfLine> | undefined

const result = () =>
  z.strictObject({
    line: z.number(),
    op: z.nullable(z.string()),
    ok: z.boolean(),
    /** Of the item or project that the line made or changed. */
    id: z.nullable(z.number()),
    version: z.nullable(z.number()),
    error: z.nullable(
      z.strictObject({ code: z.string(), message: z.string(), hint: z.nullable(z.string()) }),
    ),
  })
type Result = z.output<ReturnType<typeof result>>

const output = () => z.strictObject({ done: z.number(), failed: z.number(), results: z.array(result()) })

export const batchRun = operation({
  name: 'batch.run',
  summary: 'Run many operations in one transaction: all of them, or none',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      operations: field.described(
        z.union([z.string(), z.array(z.unknown())]),
        'JSON Lines {"op":"item.create","input":{…},"as":"name"}, or a JSON array of such',
      ),
      continue: field.described(
        z.optional(z.boolean()),
        'keep what works and report what does not, line by line',
      ),
    }),
  output,
  http: { method: 'post', path: '/batch' },
  command: {
    words: 'batch',
    positionals: ['operations'],
    flags: { operations: { from: 'file', value: 'FILE|-' } },
    examples: ['pipeline batch operations.jsonl', 'pipeline batch - --continue'],
    exitCode: ({ failed }) => (failed > 0 ? 2 : 0),
  },
  async run(wanted, context) {
    const { operationList } = await import('./index.ts')
    const lines = () => runLines(wanted, context, operationList)
    const results = wanted.continue ? await lines() : await indexedTogether(context.q, lines)
    const failed = results.filter(({ ok }) => !ok).length
    return { done: results.length - failed, failed, results }
  },
  toText({ done, failed, results }, style) {
    const lines = results
      .filter(({ ok }) => !ok)
      .map(({ line: at, error }) => `${style.red('✖')} line ${at}: ${error?.message ?? ''}`)
    return [...lines, `${count(done, 'operation')} done${failed > 0 ? `, ${failed} failed` : ''}`].join('\n')
  },
})

async function runLines(
  wanted: { operations: string | unknown[]; continue?: boolean | undefined },
  context: Context,
  list: readonly AnyOperation[],
): Promise<Result[]> {
  const names = namesOfIds()
  const results: Result[] = []
  for (const [number, read] of linesOf(wanted.operations)) {
    const one = () => runLine(number, read, context, list, names)
    results.push(
      wanted.continue
        ? await inSavepoint(context.q, one).catch((error: unknown) => failure(number, error))
        : await one().catch((error: unknown) => {
            throw numbered(number, error)
          }),
    )
  }
  return results
}

/** The lines that hold something, with their numbers; each is parsed when its turn comes. */
function* linesOf(operations: string | unknown[]): Generator<[number: number, read: () => unknown]> {
  if (typeof operations !== 'string') {
    for (const [index, each] of operations.entries()) yield [index + 1, () => each]
    return
  }
  for (const [index, text] of operations
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (text.trim() !== '') yield [index + 1, () => parsed(text)]
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TrackerError('invalid', `not JSON: ${(error as Error).message}`)
  }
}

async function runLine(
  number: number,
  read: () => unknown,
  context: Context,
  list: readonly AnyOperation[],
  names: Names,
): Promise<Result> {
  const warn = (text: string): void => context.warn(`line ${number}: ${text}`)
  const value = read()
  names.claim((value as Partial<Line> | null)?.as)
  const { op: word, input, as } = lineOf(value)
  const op = operationOf(word, list)
  context.require(op)
  if (context.trust === 'remote' && op.http === null)
    throw new TrackerError('not-permitted', `${op.name} is only for the machine itself`)
  if (op.kind === 'read') await writeHeld(context.q)
  const data: unknown = await op.run(parseInput(op, names.resolve(input ?? {}, idFieldsOf(op))), {
    ...context,
    warn,
  })
  const id = numberIn(data, 'id')
  if (as !== undefined && id !== null) names.set(as, id)
  return { line: number, op: op.name, ok: true, id, version: numberIn(data, 'version'), error: null }
}

function lineOf(value: unknown): Line {
  lineSchema ??= shapeOfLine()
  const { success, data } = lineSchema.safeParse(value)
  if (success) return data
  throw new TrackerError(
    'invalid',
    'a line is {"op":"…","input":{…}}, and "as":"name" if a later one needs its id',
  )
}

/** A token is shown once, and the answer of a batch has no place for it. */
const apart = ['batch.run', 'heartbeat.setup']

/** By its name, `item.create`, or by its command, `create`. */
function operationOf(
  word: string,
  list: readonly AnyOperation[],
): Extract<AnyOperation, { kind: 'read' | 'write' }> {
  const op = list.find(({ name, command }) => name === word || (command?.words === word && !command.switch))
  if (op && (op.kind === 'write' || op.kind === 'read') && !apart.includes(op.name)) return op
  if (op) throw new TrackerError('invalid', `${word} can't be part of a batch`)
  const known = list.flatMap(({ name, command }) => [name, command?.words ?? name])
  throw new TrackerError(
    'invalid',
    `no operation ${JSON.stringify(word.slice(0, 40))}${didYouMean(word, known)}`,
    {
      hint: 'see them: pipeline help',
    },
  )
}

const numberIn = (data: unknown, name: 'id' | 'version'): number | null => {
  const value = (data as Record<string, unknown> | null)?.[name]
  return typeof value === 'number' ? value : null
}

function numbered(number: number, error: unknown): unknown {
  if (!(error instanceof TrackerError)) return error
  const { hint, failures } = error
  return new TrackerError(error.kind, `line ${number}: ${error.message}`, {
    ...(hint === undefined ? {} : { hint }),
    failures,
    cause: error,
  })
}

/** A fault of the database, or of ours, ends the whole batch. */
function failure(number: number, error: unknown): Result {
  if (!(error instanceof TrackerError) || error.kind === 'unavailable' || error.kind === 'internal')
    throw error
  const { kind: code, message, hint = null } = error
  return { line: number, op: null, ok: false, id: null, version: null, error: { code, message, hint } }
}
