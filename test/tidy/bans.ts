/** Calls and words that have one place, or none. */

import { type Fault, faultsOf, isCode, type Source } from './source.ts'

export interface Ban {
  name: string
  /** Global. */
  pattern: RegExp
  /** Which of a file's texts is looked at. */
  in: 'text' | 'code' | 'spoken'
  applies(path: string): boolean
  /** Files in which it is allowed, each with the reason. */
  except: Record<string, string>
  /** What to do instead. */
  instead: string
}

const inSource = (path: string): boolean => path.startsWith('src/')
const inTests = (path: string): boolean => path.startsWith('test/')
const anyCode = (path: string): boolean => isCode(path)
/** The rules themselves have to name what they forbid. */
const outsideRules = (path: string): boolean => !path.startsWith('test/tidy')

const clockDoors = {
  'src/bin.ts': 'the clock of the program; PIPELINE_NOW replaces it',
  'src/index.ts': 'the clock of the library, where none is handed in',
  'src/probes/spawner-process.ts': 'a process of its own: it measures how long programs take where they run',
  'src/web/clock.ts': 'the clock of the page: all ages in it hang on its one signal',
}

export const bans: Ban[] = [
  {
    name: 'clock',
    pattern:
      /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|(?<![.\w]|new )\bDate\(|\bperformance\.now\b|\bhrtime\b|\bTemporal\.Now\b/g,
    in: 'code',
    applies: inSource,
    except: clockDoors,
    instead: 'time is an argument: take `now` from the context, or `elapsedMs` from the probe',
  },
  {
    name: 'console',
    pattern: /\bconsole\b/g,
    in: 'code',
    applies: inSource,
    except: {},
    instead: 'return it, or write through the terminal that is handed in',
  },
  {
    name: 'process',
    pattern: /(?<![.\w])process\b(?!\s*:)/g,
    in: 'code',
    applies: inSource,
    except: {
      'src/bin.ts': 'the one place for argv, env, streams and exit',
      'src/index.ts': 'a library works in the folder and the environment of the process that loads it',
      'src/probes/spawner-process.ts': 'the start of a process of its own: its channel is there',
      'src/store/sqlite-driver.ts': 'which SQLite there is hangs on the version and the platform of Node',
    },
    instead: 'only src/bin.ts knows the process: have argv, env, streams and exit handed in',
  },
  {
    name: 'exit and streams',
    pattern: /(?<![.\w])process\.(?:exit|exitCode|argv|stdin|stdout|stderr|on|once|kill|abort|chdir)\b/g,
    in: 'code',
    applies: inSource,
    except: {
      'src/bin.ts': 'the one place for argv, streams, signals and exit',
      'src/probes/spawner-process.ts': 'the start of a process of its own, that ends with its channel',
    },
    instead: 'a library must not end, rename or listen to the process of its caller: leave it to src/bin.ts',
  },
  {
    name: 'node:process',
    pattern: /['"](?:node:)?process['"]/g,
    in: 'spoken',
    applies: inSource,
    except: { 'src/probes/process-group.ts': 'nothing else can signal a group of processes' },
    instead: 'only src/bin.ts knows the process: have it handed in',
  },
  {
    name: 'setInterval',
    pattern: /\bsetInterval\b/g,
    in: 'code',
    applies: inSource,
    except: {
      'src/faces/http/lifecycle.ts':
        'lets go of idle connections while the server closes; ended with the closing',
    },
    instead: 'wait for what is due (worker/loop.ts): an interval runs into itself and drifts',
  },
  {
    name: 'code from text',
    pattern: /(?<![.\w])eval\s*\(|\bnew Function\b|(?<![.\w])Function\s*\(/g,
    in: 'code',
    applies: anyCode,
    except: {},
    instead: 'text is never run as code',
  },
  {
    name: 'SQL tag',
    pattern: /\bsql(?:<[^>]*>)?`/g,
    in: 'code',
    applies: (path) => inSource(path) && !path.startsWith('src/store/'),
    except: {},
    instead: 'all SQL is in src/store: give it a function there',
  },
  {
    name: 'SQL text',
    pattern:
      /\b(?:SELECT\s+[\w*(]|INSERT INTO\s|UPDATE\s+\w+\s+SET\s|DELETE FROM\s|(?:CREATE|ALTER|DROP) (?:TABLE|INDEX)\s|PRAGMA\s)/g,
    in: 'spoken',
    applies: (path) => inSource(path) && !path.startsWith('src/store/'),
    except: {},
    instead: 'all SQL is in src/store: give it a function there',
  },
  {
    name: 'Math.random',
    pattern: /\bMath\.random\b/g,
    in: 'code',
    applies: inSource,
    except: {
      'src/store/sqlite-channel.ts':
        'processes that wait for one lock must not wait in step; nothing stored hangs on it',
      'src/store/postgres.ts': 'transactions that failed together must not try again together',
    },
    instead: 'chance is handed in, or derived from an id, so that a test can tell what happens',
  },
  {
    name: 'left open',
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/g,
    in: 'text',
    applies: (path) => outsideRules(path) && path !== 'package-lock.json',
    except: { 'src/ops/postmortem.ts': 'its draft says so where people are to write' },
    instead: 'do it now, or say in words what is not done and why',
  },
  {
    name: 'left out of the run',
    pattern: /\.(?:only|skip|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/g,
    in: 'code',
    applies: (path) => inTests(path) && outsideRules(path),
    except: {},
    instead: 'every test runs: mend it, or remove it; what no runtime can run is no test',
  },
  {
    name: 'sleep',
    pattern:
      /\bawait\s+(?:\w+\.)?(?:sleep|delay|setTimeout|wait)\s*\(\s*[1-9]|\bsetTimeout\(\s*(?:resolve|done|r|res|ok|next|wake)\s*,\s*[1-9]/g,
    in: 'code',
    applies: (path) => inTests(path) && outsideRules(path),
    except: {},
    instead: 'a test waits for what happens, not for time: await the event, or hand in the instant',
  },
  {
    name: 'default export',
    pattern: /\bexport\s+default\b/g,
    in: 'code',
    applies: inSource,
    except: {},
    instead: 'name it: a name can be searched for',
  },
  {
    name: 'second list of stages',
    pattern:
      /(['"])spec-review\1[^;]{0,200}(['"])final-review\2|(['"])idea\3\s*[,|]\s*(['"])(?:spec|building)\4|(['"])feature\5\s*[,|]\s*(['"])(?:enhancement|epic)\6/g,
    in: 'spoken',
    applies: (path) => isCode(path) && !inTests(path) && path !== 'src/domain/stage.ts',
    except: {},
    instead: 'stages, types and paths are listed once, in src/domain/stage.ts: import them',
  },
]

export function banFaults(sources: readonly Source[], list: readonly Ban[] = bans): Fault[] {
  return list.flatMap((ban) =>
    sources
      .filter(({ path }) => ban.applies(path) && !Object.hasOwn(ban.except, path))
      .flatMap((source) =>
        faultsOf(
          source,
          ban.in,
          ban.pattern,
          (found) => `${ban.name} (${found.replace(/\s+/g, ' ').trim().slice(0, 40)}): ${ban.instead}`,
        ),
      ),
  )
}

/** Exceptions that nothing needs any more: a list that only grows says nothing. */
export function idleExceptions(sources: readonly Source[], list: readonly Ban[] = bans): Fault[] {
  return list.flatMap((ban) =>
    Object.keys(ban.except).flatMap((path) => {
      const source = sources.find((each) => each.path === path)
      const needed = source && faultsOf(source, ban.in, ban.pattern, '').length > 0
      return needed
        ? []
        : [
            {
              path,
              line: 1,
              message: `is excepted from "${ban.name}" and does not need it: strike it from the list`,
            },
          ]
    }),
  )
}
