import * as z from 'zod/mini'
import { isFinished } from '../domain/item.ts'
import { isStage } from '../domain/stage.ts'
import { columns, oneLine, pad } from '../domain/text.ts'
import { countProjectItems, listProjects } from '../store/projects.ts'
import { operation } from './operation.ts'

export const projectList = operation({
  name: 'project.list',
  summary: 'List projects with how many items are open, done and live',
  kind: 'read',
  needs: 'item:read',
  timeless: true,
  input: () => z.strictObject({}),
  output: () =>
    z.strictObject({
      items: z.array(
        z.strictObject({
          id: z.number(),
          name: z.string(),
          description: z.nullable(z.string()),
          createdAt: z.string(),
          open: z.number(),
          done: z.number(),
          live: z.number(),
        }),
      ),
    }),
  http: { method: 'get', path: '/projects' },
  command: { words: 'project list' },
  async run(_input, { q }) {
    const projects = await listProjects(q)
    const counts = await countProjectItems(q)
    const sum = (id: number, wanted: (stage: string) => boolean): number =>
      counts
        .filter((row) => row.project_id === id && wanted(row.stage))
        .reduce((total, row) => total + row.n, 0)
    return {
      items: projects.map((project) => ({
        ...project,
        open: sum(project.id, (stage) => !(isStage(stage) && isFinished(stage))),
        done: sum(project.id, (stage) => stage === 'done'),
        live: sum(project.id, (stage) => stage === 'live'),
      })),
    }
  },
  toText({ items }, style) {
    if (items.length === 0) return 'No projects yet. Make one: pipeline project create NAME'
    const width = Math.min(40, Math.max(...items.map((project) => columns(oneLine(project.name)))))
    return items
      .map((project) => {
        const counts = `${project.open} open · ${project.done} done · ${project.live} live`
        return `${style.bold(pad(oneLine(project.name), width))}  ${counts}`
      })
      .join('\n')
  },
})
