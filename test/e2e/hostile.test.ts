/** Wrong input to every command: refused with one line and the right code, and nothing is changed. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Argument, commandOf, type Positional } from '../../src/faces/cli/flags.ts'
import { operationList } from '../../src/ops/index.ts'
import type { AnyOperation } from '../../src/ops/operation.ts'
import { cli, type Place, places, type Ran, sure, urlOf } from '../helpers/cli.ts'
import { dump } from '../helpers/cli-dump.ts'

/** Words of every command that would be legal in the pipeline of `prepared`. */
const legal: Record<string, string[]> = {
  create: ['A title'],
  show: ['1'],
  list: [],
  board: [],
  dashboard: [],
  move: ['1', 'spec'],
  update: ['1'],
  note: ['1', 'A note'],
  ac: ['1', '1', 'passed'],
  assign: ['1', 'agent:a'],
  claim: ['2'],
  release: ['1'],
  block: ['1', '--reason', 'because'],
  unblock: ['1'],
  'dep add': ['1', '3'],
  'dep rm': ['2', '3'],
  delete: ['3', '--yes'],
  search: ['word'],
  log: [],
  check: ['1'],
  'check approve': ['1'],
  'check --validate': ['{"type":"http","url":"http://127.0.0.1:1/","frequency":"5m"}'],
  'notify test': ['team'],
  'notify log': [],
  'notify approve': ['team'],
  'incident list': [],
  'incident open': ['4', 'It is wrong'],
  'incident ack': ['5'],
  'incident resolve': ['5', '--note', 'Mended'],
  'incident fix': ['5', '3'],
  'incident postmortem': ['5'],
  pause: ['4'],
  resume: ['4'],
  heartbeat: ['4'],
  'heartbeat --ping': ['4', 'fail'],
  'maintenance add': ['1', '--for', '2h'],
  'maintenance list': ['1'],
  'maintenance rm': ['1'],
  health: [],
  uptime: ['1'],
  runs: ['1'],
  metrics: [],
  'project list': [],
  'project create': ['New'],
  init: [],
  upgrade: ['legacy.db'],
  backup: ['backup.db'],
  restore: ['backup.db'],
  copy: ['copy.db'],
  export: ['-'],
  import: ['-'],
  batch: ['-'],
  doctor: [],
  reindex: [],
  demo: [],
}

const wrong = {
  id: ['0', '-5', '1.5', '99999999999999999999', 'one', '', "1'; DROP TABLE pipeline"],
  number: ['-1', '1.5', '99999999999999999999', 'NaN', ''],
  choice: ['nonsense', '', '__proto__', 'live\u001b[31m'],
  json: [
    '{',
    '[]',
    '"x"',
    '{"type":"nonsense"}',
    '{"__proto__":{"type":"http"}}',
    '{"a":"\\u0000"}',
    'missing.json',
  ],
  long: 'x'.repeat(100_000),
}

interface Case {
  words: string[]
  code?: number
  stdin?: string
}

/** Every wrong word in every place of a command. */
function casesOf(op: AnyOperation): Case[] {
  const name = op.command!.words
  const { positionals, flags } = commandOf(op)
  const command = [...name.split(' '), ...(op.command!.switch ? [`--${op.command!.switch}`] : [])]
  const chosen = op.command!.switch
  const rest = chosen ? (legal[`${name} --${chosen}`] ?? []) : legal[name]!
  const cases: Case[] = [{ words: [...command, ...rest, '--nonsense'] }]
  if (!positionals.some((each) => each.rest)) cases.push({ words: [...command, ...rest, 'one', 'too many'] })
  if (positionals.some((each) => each.required)) cases.push({ words: command })
  for (const [index, positional] of positionals.entries()) {
    for (const { value, ...more } of wrongFor(positional)) {
      cases.push({ ...more, words: [...command, ...rest.with(index, value)] })
    }
  }
  for (const flag of flags.filter((each) => !rest.includes(`--${each.name}`))) {
    if (flag.kind === 'boolean') cases.push({ words: [...command, ...rest, `--${flag.name}=maybe`] })
    else cases.push({ words: [...command, ...rest, `--${flag.name}`] })
    for (const { value, ...more } of wrongFor(flag)) {
      cases.push({ ...more, words: [...command, ...rest, `--${flag.name}=${value}`] })
    }
  }
  return cases
}

const idFields = ['id', 'on', 'parent', 'item']

function wrongFor(argument: Argument | Positional): { value: string; code?: number; stdin?: string }[] {
  const values = (list: string[]) => list.map((value) => ({ value, code: 2 }))
  if (idFields.includes(argument.field)) return [...values(wrong.id), { value: '424242', code: 3 }]
  if (argument.choices.length > 0) return values(wrong.choice)
  if (argument.kind === 'number') return values(wrong.number)
  if (argument.from === 'json') return [...values(wrong.json), { value: '-', stdin: '{"a":\u0000}', code: 2 }]
  if (argument.from === 'text' || argument.from === 'file')
    return [{ value: '-', stdin: 'a\u0000b', code: 2 }]
  if (argument.kind === 'list') return values([wrong.long, ''])
  if (argument.kind === 'text') return values([wrong.long, ...('rest' in argument ? [''] : [])])
  return []
}

/** What no schema can tell: rules between rows. */
const rules: Case[] = [
  { words: ['update', '1', '--parent', '1'], code: 2 },
  { words: ['update', '1', '--parent', '2'], code: 2 },
  { words: ['dep', 'add', '3', '2'], code: 2 },
  { words: ['dep', 'add', '1', '1'], code: 2 },
  { words: ['move', '2', 'spec'], code: 2 },
  { words: ['move', '2', 'live'], code: 2 },
  { words: ['move', '1', 'resolved'], code: 2 },
  { words: ['move', '1', 'spec', '--if-match', '77'], code: 6 },
  { words: ['update', '1', '--severity', 'major'], code: 2 },
  { words: ['create', 'A', '--severity', 'major'], code: 2 },
  { words: ['create', 'A', '--project', 'Nowhere'], code: 3 },
  { words: ['list', '--project', 'Nowhere'], code: 3 },
  { words: ['board', '--project', 'Nowhere'], code: 3 },
  { words: ['board', '--text', '!!! ???'], code: 2 },
  { words: ['board', '--cards'], code: 2 },
  { words: ['list', '--board'], code: 2 },
  { words: ['list', '--board', '--stage', 'qa', '--sort', 'id'], code: 2 },
  { words: ['dashboard', '--project', 'Nowhere'], code: 3 },
  { words: ['runs', '4', '--since', '1h', '--until', '2h'], code: 2 },
  { words: ['runs', '4', '--since', 'soon'], code: 2 },
  { words: ['delete', '1'], code: 2 },
  { words: ['project', 'create', 'Invoices'], code: 6 },
  { words: ['ac', '1', '2', 'passed'], code: 3 },
  { words: ['claim', '1', '--as', 'agent:other'], code: 6 },
  { words: ['demo', '--remove'], code: 3 },
  { words: ['search', '!!! ???'], code: 2 },
  { words: ['create', 'A', '--ac', '[{"text":"x","verdict":"maybe"}]'], code: 2 },
  { words: ['create', 'A', '--ac', '[{"text":"x","__proto__":{"a":1}}]'], code: 2 },
  { words: ['create', 'A', '--health-check', 'deep.json'], code: 2 },
  { words: ['create', 'A', '--desc', '-'], stdin: 'x'.repeat(5_000_000), code: 2 },
  { words: ['note', '1', '-'], stdin: '', code: 2 },
  { words: ['pause', '1'], code: 2 },
  { words: ['pause', '3'], code: 2 },
  { words: ['pause', '4', '--for', '0s'], code: 2 },
  { words: ['heartbeat', '1'], code: 2 },
  { words: ['heartbeat', '4', '--new', '--url', 'http://a;reboot'], code: 2 },
  { words: ['heartbeat', '4', '--ping', '256'], code: 2 },
  { words: ['maintenance', 'add', '--for', '2h'], code: 2 },
  { words: ['maintenance', 'add', '1', '--all', '--for', '2h'], code: 2 },
  { words: ['maintenance', 'add', '1', '--cron', '0 2 * * 0'], code: 2 },
  { words: ['maintenance', 'rm', '7'], code: 3 },
  { words: ['create', '   \t\n '], code: 2 },
  { words: ['incident', 'open', '1', 'It is not live'], code: 2 },
  { words: ['incident', 'ack', '1'], code: 2 },
  { words: ['incident', 'ack', '6'], code: 6 },
  { words: ['incident', 'ack', '5', '--if-match', '77'], code: 6 },
  { words: ['incident', 'resolve', '1', '--note', 'n'], code: 2 },
  { words: ['incident', 'resolve', '5', '--note', ' '], code: 2 },
  { words: ['incident', 'resolve', '5'], code: 2 },
  { words: ['incident', 'fix', '5'], code: 2 },
  { words: ['incident', 'fix', '5', '5'], code: 2 },
  { words: ['incident', 'fix', '5', '4'], code: 2 },
  { words: ['incident', 'fix', '5', '3', '--none'], code: 2 },
  { words: ['incident', 'postmortem', '1'], code: 2 },
  { words: ['incident', 'list', '--project', 'Nowhere'], code: 3 },
  { words: ['update', '1', '--health-check', 'itself.json'], code: 2 },
  { words: ['update', '1', '--health-check', 'missing-item.json'], code: 3 },
]

/** Like `legal` wants it: #1 with a criterion and a check, #2 its child that waits for #3; #4 live with a heartbeat and incident #5. */
async function prepared(place: Place): Promise<void> {
  const pipeline = sure(place)
  const check = '{"type":"command","command":"true","frequency":"daily"}'
  await pipeline(['project', 'create', 'Invoices'])
  await pipeline(['create', 'One', '--ac', 'It works', '--health-check', check, '--assign', 'agent:a'])
  await pipeline(['create', 'Two', '--parent', '1'])
  await pipeline(['create', 'Three'])
  await pipeline(['dep', 'add', '2', '3'])
  await pipeline(['create', 'Four', '--health-check', '{"type":"heartbeat","frequency":"daily"}'])
  await pipeline(['move', '4', 'live'])
  await pipeline(['heartbeat', '4'])
  await pipeline(['maintenance', 'add', '1', '--for', '2h'])
  await pipeline(['incident', 'open', '4', 'Five'])
  await pipeline(['create', 'Six', '--type', 'incident'])
  await pipeline(['move', '6', 'resolved'])
  const on = (id: number): string => JSON.stringify({ ...JSON.parse(check), dependsOn: [id] })
  await writeFile(join(place.cwd, 'itself.json'), on(1))
  await writeFile(join(place.cwd, 'missing-item.json'), on(99))
  await writeFile(join(place.cwd, 'deep.json'), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)
}

/** A few at once: two processors. */
async function inTurns<T, R>(list: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const next = list.entries()
  const turn = async (): Promise<void> => {
    for (const [index, one] of next) results[index] = await work(one)
  }
  await Promise.all(Array.from({ length: 4 }, turn))
  return results
}

const short = ({ words, stdin }: Case): string =>
  JSON.stringify([
    ...words.map((word) => word.slice(0, 60)),
    ...(stdin === undefined ? [] : [stdin.slice(0, 20)]),
  ])

/** What is wrong with a refusal; undefined when nothing is. */
function faultOf({ code }: Case, ran: Ran): string | undefined {
  if (ran.code === 0 || ran.code === null) return `ended with ${ran.code ?? ran.signal}`
  if (code !== undefined && ran.code !== code) return `ended with ${ran.code}, not ${code}: ${ran.stderr}`
  if (ran.stdout !== '') return `printed ${ran.stdout.slice(0, 100)}`
  // One line for the reason, one for each of several wrong fields, one for the way on.
  if (!/^error: .+\n( {2}- .+\n)*(hint: .+\n)?$/.test(ran.stderr)) return `said ${ran.stderr.slice(0, 400)}`
  if (/\bat .*:\d+:\d+|node:internal|Internal|fault of Throughline/.test(ran.stderr))
    return `said ${ran.stderr}`
  if (ran.stderr.length > 2_000) return `said ${ran.stderr.length} characters`
  return undefined
}

test('every command has legal words here', () => {
  const names = new Set(operationList.flatMap((op) => op.command?.words ?? []))
  const words = Object.keys(legal).filter((each) => !each.includes(' --'))
  expect(words.sort()).toEqual([...names].sort())
})

const everything = operationList.filter((op) => op.command).flatMap(casesOf)

describe.each(places)('on $engine', ({ engine, freshPlace }) => {
  // Words are read before there is an engine: every place of every command is tried on one of them.
  const all = [...(engine === 'sqlite' ? everything : everything.filter(({ code }) => code === 3)), ...rules]

  test('every wrong word in every place of every command is refused, and nothing is changed', async () => {
    const place = await freshPlace()
    await prepared(place)
    const before = await dump(urlOf(place))
    const ran = await inTurns(all, ({ words, stdin }) =>
      cli(place)(words, stdin === undefined ? {} : { stdin }),
    )
    const faults = all.flatMap((each, index) => {
      const fault = faultOf(each, ran[index]!)
      return fault === undefined ? [] : [`${short(each)} ${fault}`]
    })
    expect(faults).toEqual([])
    expect(await dump(urlOf(place))).toEqual(before)
  }, 300_000)
})

test('there are hundreds of wrong words', () => {
  expect(everything.length).toBeGreaterThan(200)
})
