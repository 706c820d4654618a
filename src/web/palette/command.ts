/** An operation as the palette offers it; the build makes the list of them (scripts/web.mjs). */

/** How it is said at the command line. */
export interface Line {
  /** After `pipeline`, with the flag that chooses it among those of the same words. */
  words: string
  /** Fields that are words without a flag, in their order. */
  places: string[]
  /** Flags by field; what is in neither can't be said there. */
  flags: Record<string, string>
  /** Fields that take a file's path, or `-` for standard input. */
  files: string[]
}

export interface Command {
  name: string
  summary: string
  kind: 'read' | 'write' | 'worker'
  needs: string
  /** Undefined: it has no command of its own. */
  cli?: Line
  /** Fields of the input that must be given, and those that may. */
  required: string[]
  optional: string[]
}
