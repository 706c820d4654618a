/** The sample that shows what the product does. */

/** The project that its items are in. */
export const demoProject = 'Throughline demo'
