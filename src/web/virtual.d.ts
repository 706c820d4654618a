/** Made by the build out of the list of operations (scripts/web.mjs). */

declare module 'virtual:operations' {
  /** By name: the method and the path below /api/v1, with `:field` where a field of the input stands. */
  export const paths: Record<string, [method: 'get' | 'post' | 'patch' | 'delete', path: string]>
}

declare module 'virtual:commands' {
  export const commands: import('./palette/command.ts').Command[]
}

declare module '*.css'

declare module '*.svg' {
  const url: string

  export { url as default }
}
