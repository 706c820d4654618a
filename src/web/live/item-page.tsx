/** stub */
export const LiveItemPage = ({ words: [id = ''] }: { words: string[] }) => <div class="page">{id}</div>
