/** The reference, made from the operations and the lists of the domain: the same input gives the same text. */

import { operators, operatorsFor, subjects } from '../../src/domain/expectation-shape.ts'
import { fieldNames, fields } from '../../src/domain/health-check-fields.ts'
import { emoji, finished, paths, stageName, stages, types } from '../../src/domain/stage.ts'
import { type ErrorKind, TrackerError } from '../../src/errors.ts'
import { exitCodeTexts, globalFlags } from '../../src/faces/cli/help.ts'
import { exitCodes } from '../../src/faces/cli/output.ts'
import { problemOf } from '../../src/faces/http/problem.ts'
import { commandSections, commandTable } from './commands.ts'
import { table } from './markdown.ts'
import { rowsOf, type Schema as Shape, shapes } from './shapes.ts'
import { environment, healthCheckFields, kinds, subjectWords } from './words.ts'

/** @returns the text of docs/reference.md */
export function reference(): string {
  return `${[
    '# Reference',
    'Made from the operations by `npm run reference`; a test compares. One operation is a command, a route and a function of the library: the same input, the same answer.',
    ...['## Commands', commandTable()],
    ...everywhere(),
    ...stagesAndTypes(),
    '## Each command',
    ...commandSections(),
    ...answers(),
    ...healthChecks(),
    ...overHttp(),
  ].join('\n\n')}\n`
}

const everywhere = (): string[] => [
  '## Flags that every command takes',
  table(
    ['flag', 'meaning'],
    globalFlags.map(([flag, meaning]) => [`\`${flag}\``, meaning]),
  ),
  '`--` ends the flags: what follows is text, whatever it begins with. Standard output is data, standard error is talk.',
  '## Environment',
  table(
    ['variable', 'meaning'],
    environment.map(([name, meaning]) => [`\`${name}\``, meaning]),
  ),
  'Without `--db` and `PIPELINE_DB` the nearest `.pipeline/pipeline.db` upwards from the current folder is used. Where there is none, the first change makes one in the root of the git repository, or here. Without `--as` and `PIPELINE_ACTOR` the actor is `human:` and the name that git knows, else the user of the system.',
  '## Exit codes',
  table(
    ['code', 'meaning'],
    exitCodeTexts.map(([code, meaning]) => [String(code), meaning]),
  ),
]

const stagesAndTypes = (): string[] => [
  '## Stages, types and paths',
  table(
    ['stage', '', 'work is over'],
    stages.map((stage) => [`\`${stage}\``, emoji[stage], finished.includes(stage) ? 'yes' : '']),
  ),
  table(
    ['type', 'path'],
    types.map((type) => [`\`${type}\``, paths[type].map((stage) => stageName(type, stage)).join(' → ')]),
  ),
  'Without `--type` an item under a live parent is an incident, under any other parent a task, else a feature. An incident’s first and last stage are shown as open and resolved, and `move` takes those words; in JSON they are `idea` and `done`.',
]

const answers = (): string[] => [
  '## Answers as JSON',
  'With `--json`, and over HTTP, an answer is `{"schemaVersion":1,"data":…}`, with `warnings`, a list of texts, where there are any. `--json=id,title` keeps some fields, of each entry where the answer is a list. Instants are UTC: `2026-02-05T07:46:15.000Z`. An error is `{"schemaVersion":1,"error":{"code","message","hint","failures"}}` on standard error, where `code` is:',
  table(
    ['code', 'exit', 'HTTP', 'meaning'],
    (Object.keys(kinds) as ErrorKind[]).map((kind) => [
      `\`${kind}\``,
      String(exitCodes[kind]),
      String(statusOf(kind)),
      kinds[kind],
    ]),
  ),
  ...shapes
    .toReversed()
    .flatMap(([name, meaning, schema]) => [
      `### ${name}`,
      meaning,
      table(['field', 'type', 'meaning'], rowsOf(own(name, schema), wordsFor[name])),
    ]),
]

/** The operation whose words a shape's fields have. */
const wordsFor: Record<string, string> = { run: 'check.run', entry: 'activity.list' }

/** An item is a summary and more. */
const own = (name: string, { properties = {} }: Shape): Shape['properties'] & object => {
  const summary = shapes.find(([each]) => each === 'summary')![2].properties ?? {}
  return Object.fromEntries(
    Object.entries(properties).filter(([key]) => name !== 'item' || !(key in summary)),
  )
}

const statusOf = (kind: ErrorKind): number => problemOf(new TrackerError(kind, '')).problem.status

const smallest =
  '{"type":"command","command":"node tools/invoice-extractor.js --help","expect":"exit_code:0","frequency":"daily"}'

const healthChecks = (): string[] => [
  '## Health checks',
  'The smallest ones:',
  ['```json', smallest, '{"type":"http","url":"https://example.org/health","frequency":"5m"}', '```'].join(
    '\n',
  ),
  `Unknown fields are refused, with the nearest name. Durations are written \`500ms\`, \`30s\`, \`5m\`, \`2h\`, \`7d\`.`,
  table(
    ['field', 'of', 'values', 'default', 'meaning'],
    fieldNames.map((name) => [`\`${name}\``, typesOf(name), ...healthCheckFields[name]]),
  ),
  'Only live items are checked on schedule, first when they enter live. A run that goes down as often as `failureThreshold` says opens one incident below the item; recovery resolves it, unless somebody has taken it up (moved or assigned it): then the recovery is noted in it, and its owner closes it. What the monitor resolved and fails again within `reopenWindow` is reopened; what a person closed stays closed until the window has passed.',
  'A command runs without a shell; one that says `shell` runs through it where `PIPELINE_ALLOW_SHELL=1` is set. A check that came over HTTP runs no command, and sends no secret, until `pipeline check approve ID` has allowed it at the machine itself; an edited one has to be allowed again.',
  '### Heartbeats',
  'A check of type heartbeat probes nothing: a job reports in, and is down when it does not within `frequency` and `grace`. `pipeline heartbeat ID` makes a token, shows the line for the job once, and stores only a hash of it. `POST /api/v1/heartbeats/:token` says that it ended well; `POST /api/v1/heartbeats/:token/:ping` with `start`, `success`, `fail` or the exit status (0–255) says more. The body is what the job printed, of any type; the first 10 KB are kept. A start must be followed by an end within `grace`. Library: `heartbeat.beat`, `heartbeat.report` · permission: `check:run`.',
  '### Silence',
  'While a check is paused (`pause`) nothing runs and the time is not watched: its state is unknown, reports of jobs are taken and count for nothing, `check ID` runs and stores nothing, and an open incident stays open. In maintenance (`maintenance add`, or `maintenance` in the check) it runs, and what it finds counts for nothing.',
  '### Conditions',
  `\`SUBJECT OPERATOR VALUE\`, with the operators ${operators.map((operator) => `\`${operator}\``).join(' ')}. A range is written \`200..299\`, a pattern \`/ready|ok/i\`; a text needs quotes only where it begins with one or is empty. A pattern is matched in linear time (RE2: no back references, no look-around).`,
  table(
    ['subject', 'meaning', 'operators', 'for example'],
    subjects.map((subject) => [
      `\`${subject}\``,
      subjectWords[subject]![0],
      operatorsFor({ subject })
        .map((operator) => `\`${operator}\``)
        .join(' '),
      subjectWords[subject]![1],
    ]),
  ),
]

const typesOf = (name: (typeof fieldNames)[number]): string => {
  const { types: of } = fields[name]
  return of.length >= 5 ? (of.length === 6 ? 'all' : 'all but heartbeat') : of.join(', ')
}

const overHttp = (): string[] => [
  '## Over HTTP',
  '`pipeline serve` listens on 127.0.0.1, port 4400. Each command above names its route; `/api/v1/openapi.json` describes them all (OpenAPI 3.1). Fields of the input stand in the path, the query (GET, DELETE) or a JSON body (POST, PATCH); `none` in a query clears or asks for nothing.',
  table(
    ['header', 'meaning'],
    [
      ['`X-Pipeline-Actor`', 'who acts: `human:NAME` or `agent:NAME`; else whoever started the server'],
      ['`X-Pipeline-Source`', 'a label for the log'],
      ['`If-Match`', 'the `ETag` of an item: the change is refused with 412 when somebody else was first'],
      ['`If-None-Match`', 'an `ETag` seen before: 304 when nothing has changed'],
      [
        '`Idempotency-Key`',
        'a new word for each change, such as a UUID: the same request sent again within a day, by the same actor, is answered again (`Idempotency-Replayed: true`) and not done again. Another request under the same key is refused with 422; while the first is under way in the same server, 409. Not for `check`, `check --due` and `heartbeat`, which refuse it with 400',
      ],
      ['`Accept-Encoding`', '`br` and `gzip`: answers of more than 1 KB are compressed'],
    ],
  ),
  'An error is a problem (RFC 9457, `application/problem+json`) with the `code` of the table above, `hint` and `failures`. Requests that name another host, or come from a page of another origin, are refused with 403. `GET /healthz` answers when the server lives, `GET /readyz` when its database answers.',
  '`GET /api/v1/session` says who asks, what they may do, and which pipeline this is (library: `session.show`). `GET /api/v1/events` is a stream of server-sent events: `activity` with entries of the log as they are written, wherever that was, `health` with the ids of checks that ran, `ready` once nothing is missed any more, and `reset` where too much was. It is taken up where it was left off with `Last-Event-ID`, or `?since=` and the id of an event.',
]
