/** Projects: a name that items share. */

import sql, { join } from 'sql-template-tag'
import { type Instant, readInstant } from '../domain/instant.ts'
import { nameKey } from '../domain/legal.ts'
import type { Queries } from './database.ts'

export interface Project {
  id: number
  name: string
  description: string | null
  createdAt: Instant
}

interface ProjectRow {
  id: number
  name: string
  description: string | null
  created_at: string
}

const toProject = (row: ProjectRow): Project => ({
  id: row.id,
  name: row.name,
  description: row.description,
  createdAt: readInstant(row.created_at) ?? row.created_at,
})

/** By name; capital and small letters are alike. */
export async function findProject(q: Queries, name: string): Promise<Project | undefined> {
  const row = await q.get<ProjectRow>(
    sql`SELECT id, name, description, created_at FROM pipeline_projects WHERE name_key = ${nameKey(name)}`,
  )
  return row && toProject(row)
}

/** @returns undefined when there is one of that name */
export async function insertProject(
  q: Queries,
  name: string,
  description: string | null,
  at: Instant,
): Promise<Project | undefined> {
  const row = await q.get<ProjectRow>(sql`
    INSERT INTO pipeline_projects (name, name_key, description, created_at, updated_at)
    VALUES (${name}, ${nameKey(name)}, ${description}, ${at}, ${at})
    ON CONFLICT DO NOTHING RETURNING id, name, description, created_at`)
  return row && toProject(row)
}

/** By name. */
export async function listProjects(q: Queries): Promise<Project[]> {
  const rows = await q.all<ProjectRow>(sql`SELECT id, name, description, created_at FROM pipeline_projects`)
  // Sorted here: each server of PostgreSQL has an alphabet of its own.
  return rows.map(toProject).sort((a, b) => (nameKey(a.name) < nameKey(b.name) ? -1 : 1))
}

/** Items of each project by stage, incidents left out. */
export const countProjectItems = (q: Queries): Promise<{ project_id: number; stage: string; n: number }[]> =>
  q.all(sql`SELECT project_id, stage, count(*) AS n FROM pipeline
    WHERE project_id IS NOT NULL AND type <> 'incident' GROUP BY project_id, stage`)

/** Names by id. */
export async function projectNames(q: Queries, ids: number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await q.all<{ id: number; name: string }>(
    sql`SELECT id, name FROM pipeline_projects WHERE id IN (${join(ids)})`,
  )
  return new Map(rows.map((row) => [row.id, row.name]))
}

export const deleteProject = (q: Queries, id: number): Promise<number> =>
  q.run(sql`DELETE FROM pipeline_projects WHERE id = ${id}`)
