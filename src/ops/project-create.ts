import * as z from 'zod/mini'
import { TrackerError } from '../errors.ts'
import { findProject, insertProject } from '../store/projects.ts'
import { log } from './change.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'

export const projectCreate = operation({
  name: 'project.create',
  summary: 'Create a project',
  kind: 'write',
  needs: 'item:write',
  input: () =>
    z.strictObject({
      name: field.words('name of the project'),
      description: z.optional(field.text('what it is for')),
    }),
  output: () =>
    z.strictObject({
      id: z.number(),
      name: z.string(),
      description: z.nullable(z.string()),
      createdAt: z.string(),
    }),
  http: { method: 'post', path: '/projects', status: 201 },
  command: {
    words: 'project create',
    positionals: ['name'],
    flags: { desc: { field: 'description', from: 'text', value: 'TEXT|-' } },
    examples: ['pipeline project create "Invoices"'],
  },
  async run(input, context) {
    const project = await insertProject(context.q, input.name, input.description || null, context.now)
    if (!project) {
      const known = await findProject(context.q, input.name)
      throw new TrackerError(
        'conflict',
        `there is a project ${JSON.stringify(known?.name ?? input.name)} already`,
        {
          hint: 'see them: pipeline project list',
        },
      )
    }
    await log(context, null, 'project-created', { detail: { name: project.name } })
    return project
  },
  toText: (project, style) => `Created project ${style.bold(project.name)}`,
})
