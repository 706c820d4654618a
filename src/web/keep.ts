/** What this browser remembers for its reader; forgotten quietly where it may not. */

export function kept<T>(name: string, preset: T): T {
  try {
    const text = localStorage.getItem(`throughline.${name}`)
    return text === null ? preset : (JSON.parse(text) as T)
  } catch {
    return preset
  }
}

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`throughline.${name}`, JSON.stringify(value))
  } catch {
    // Private windows and full stores: it holds for this page then.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`throughline.${name}`)
  } catch {
    // Nothing was kept either.
  }
}
