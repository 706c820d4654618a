/** Made by the build out of the list of operations (scripts/web.mjs). */

declare module 'virtual:operations' {
  /**
   * By name: the method, the path below /api/v1, with `:field` where a field of the input stands, and whether the
   * server does it once under a key.
   */
  export const paths: Record<
    string,
    [method: 'get' | 'post' | 'patch' | 'delete', path: string, once: boolean]
  >
}

declare module 'virtual:commands' {
  export const commands: import('./palette/command.ts').Command[]
}

declare module '*.css'

declare module '*.svg' {
  const url: string

  export { url as default }
}
