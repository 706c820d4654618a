/** What the item is, at a glance. */

import { may } from '../session.ts'
import { Icon } from '../ui/icon.tsx'
import { Priority, TypeSign } from '../ui/item-signs.tsx'
import { Age } from '../ui/time.tsx'
import { done } from './deed.ts'
import { Editor } from './editor.tsx'
import { titleField } from './fields.ts'
import { Pencil, useEditing } from './prose.tsx'
import { StageLine } from './stage-line.tsx'
import type { Shown } from './state.ts'

export const Header = ({ item }: { item: Shown }) => (
  <header class="item-head">
    <p class="crumbs">
      {item.parentId !== null && (
        <>
          <a
            href={`/items/${item.parentId}`}
            class="crumb"
            aria-label={`Parent: #${item.parentId} ${item.parentTitle ?? ''}`}
          >
            <span class="id">#{item.parentId}</span>
            <span class="one-line" dir="auto">
              {item.parentTitle}
            </span>
          </a>
          <Icon name="right" />
        </>
      )}
      <span class="id">#{item.id}</span>
      <TypeSign type={item.type} named />
      <Priority level={item.priority} named />
      {item.severity && <span class={`severity ${item.severity}`}>{item.severity}</span>}
    </p>
    <Title item={item} />
    <StageLine item={item} />
    {item.blocked && <Blocked item={item} />}
  </header>
)

function Title({ item }: { item: Shown }) {
  const { isEdited, edit, opener } = useEditing(item, titleField)
  return (
    <div class="title-row">
      <h1 class={isEdited ? 'spoken' : undefined} dir="auto">
        {item.title}
      </h1>
      {isEdited ? (
        <Editor item={item} field={titleField} isLine most={500} />
      ) : (
        may('item:write') && <Pencil label="Edit title" onClick={edit} opener={opener} />
      )}
    </div>
  )
}

const Blocked = ({ item }: { item: Shown }) => (
  <section class="blocked-strip" aria-label="Blocked">
    <Icon name="ban" />
    <p>
      <strong>Blocked</strong> for <Age at={item.blocked!.since} what="Since" />
      {item.blocked!.reason !== '' && ': '}
      <span dir="auto">{item.blocked!.reason}</span>
    </p>
    {may('item:write') && (
      <button
        type="button"
        class="button small"
        onClick={() => void done('item.unblock', { id: item.id }, `#${item.id} is no longer blocked`)}
      >
        Unblock
      </button>
    )}
  </section>
)
