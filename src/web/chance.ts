/** The one place where the page takes chance. */

export const newKey = (): string => crypto.randomUUID()
