/** What hostile Markdown tries, in a real browser and without the policy that would stop it as well. */

import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, without } from './browser.ts'

const origin = 'http://page.test'

let browser: Browser
let page: Page
const asked: string[] = []

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../src/web/item/markdown.ts')],
    ...{ bundle: true, write: false, format: 'iife', globalName: 'markdown', target: 'es2023' },
  })
  return outputFiles[0]!.text
}

interface Drawn {
  html: string
  text: string
  ran: boolean
  ms: number
}

/** Draws a text into the page, as the page of an item does. */
const draw = (text: string): Promise<Drawn> =>
  page.evaluate(async (given) => {
    const begun = performance.now()
    document.body.replaceChildren(
      (globalThis as unknown as { markdown: { rendered(text: string): DocumentFragment } }).markdown.rendered(
        given,
      ),
    )
    const ms = performance.now() - begun
    document.querySelector('summary')?.click()
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)))
    return {
      html: document.body.innerHTML,
      text: document.body.textContent,
      ran: 'hacked' in globalThis,
      ms,
    }
  }, text)

const allowed =
  /^(?:p|br|hr|h[3-6]|ul|ol|li|blockquote|pre|code|kbd|samp|strong|b|em|i|del|s|ins|sub|sup|mark|a|table|thead|tbody|tfoot|tr|th|td|details|summary|div)$/
const attributes =
  /^(?:href|title|align|start|colspan|rowspan|open|rel|target|class|tabindex|role|aria-label)$/

/** Of what is drawn: elements and attributes that have no place, and links that lead where none may. */
const faultsOf = (): Promise<string[]> =>
  page.evaluate(
    ([tags, names]) => {
      const faults: string[] = []
      for (const each of document.body.querySelectorAll('*')) {
        const tag = each.tagName.toLowerCase()
        if (!new RegExp(tags!).test(tag)) faults.push(`<${tag}>`)
        for (const { name, value } of each.attributes) {
          if (!new RegExp(names!).test(name)) faults.push(`${tag} ${name}`)
          if (name === 'class' && !(tag === 'div' && value === 'wide')) faults.push(`class ${value}`)
        }
        if (tag === 'a') {
          const link = each as HTMLAnchorElement
          if (!/^(?:https?|mailto):$/.test(link.protocol)) faults.push(`link to ${link.protocol}`)
          if (link.rel !== 'noopener noreferrer nofollow') faults.push(`rel ${link.rel}`)
        }
      }
      return faults
    },
    [allowed.source, attributes.source],
  )

const attacks = {
  'a script': '<script>hacked = 1</script>',
  'a script in the middle': 'a <scr<script>ipt>hacked=1</scr</script>ipt> b',
  'an image that fails': '<img src=x onerror="hacked=1">',
  'a remote image': '![chart](https://evil.test/pixel.png)',
  'a remote image as HTML': '<img src="https://evil.test/p.png" srcset="https://evil.test/q.png 2x" alt="x">',
  'a picture, a video, a sound':
    '<picture><source srcset="https://evil.test/a"></picture><video src="https://evil.test/v" poster="https://evil.test/w"></video><audio src="https://evil.test/s"></audio>',
  'a script as a link': '[go](javascript:hacked=1)',
  'a script as a link, in disguise':
    '[go](JaVa\tScRiPt:hacked=1) [go](&#106;avascript:hacked=1) [go](\u0001javascript:hacked=1)',
  'a script as a link in HTML':
    '<a href="javascript:hacked=1">a</a><a href="  javascript&colon;hacked=1">b</a>',
  'a page in an address':
    '[go](data:text/html,<script>hacked=1</script>) <a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
  'other schemes':
    '[a](vbscript:x) [b](file:///etc/passwd) [c](blob:http://page.test/1) [d](ftp://evil.test/x) <ms-settings:x>',
  'an autolink': '<javascript:hacked=1> <JAVASCRIPT:hacked=1>',
  'a reference': '[go][x]\n\n[x]: javascript:hacked=1 "title"',
  'a title that breaks out': '[go](https://a.test \'" onmouseover="hacked=1\')',
  'an image by its name that breaks out': '![" onerror="hacked=1](x "y\' onerror=\'hacked=1")',
  SVG: '<svg onload="hacked=1"><script>hacked=1</script><a xlink:href="javascript:hacked=1"><text>x</text></a></svg>',
  'SVG with an animation': '<svg><animate onbegin="hacked=1" attributeName=x dur=1s></svg>',
  'MathML that changes the parser':
    '<math><mtext><table><mglyph><style><img src=x onerror=hacked=1></style></mglyph></table></mtext></math>',
  'a form':
    '<form action="https://evil.test"><input name=p><button formaction="javascript:hacked=1">go</button><textarea></textarea><select><option>x</select></form>',
  'a frame':
    '<iframe src="https://evil.test" srcdoc="<script>parent.hacked=1</script>"></iframe><object data="https://evil.test"></object><embed src="https://evil.test">',
  'a style':
    '<style>body{background:url(https://evil.test/a)}</style><p style="background:url(https://evil.test/b)">x</p>',
  'a link of the head':
    '<link rel=stylesheet href="https://evil.test/a.css"><meta http-equiv=refresh content="0;url=https://evil.test"><base href="https://evil.test/">',
  'a class, an id, a name':
    '<p class="rail" id="app" name="x" data-id="1" aria-live="assertive">x</p><a id="main" name="main" href="#x">y</a>',
  clobbering:
    '<a id=defaultView name=attributes href="cid:hacked=1"></a><form id=x><input name=attributes></form>',
  'a template':
    '<template><script>hacked=1</script></template><noscript><p title="</noscript><img src=x onerror=hacked=1>"></noscript>',
  'a comment': '<!--><img src=x onerror=hacked=1>--> <![CDATA[<img src=x onerror=hacked=1>]]>',
  'a tag that is not closed': '<img src=x onerror=hacked=1 \n\n <a href="javascript:hacked=1"',
  'handlers on what may stand':
    '<details open ontoggle="hacked=1"><summary onclick="hacked=1">x</summary></details><p onpointerenter=hacked=1>y</p>',
  'code that closes itself':
    '```html"><img src=x onerror=hacked=1>\n</code></pre><script>hacked=1</script>\n```',
  'control characters': 'a\u0000b\u0007c\u001b[31md\u202egnp.exe\u2066',
  'half of a pair of surrogates': '\ud800 <p>\udfff</p> [a](https://x.test/\ud800)',
  'names of prototypes': '[constructor][__proto__]\n\n[__proto__]: https://a.test\n\n#constructor',
  'custom elements and slots':
    '<x-y is="z"><slot name=a></slot></x-y><dialog open>x</dialog><marquee onstart=hacked=1>y</marquee>',
} as const

describe.skipIf(without)('hostile Markdown', () => {
  beforeAll(async () => {
    browser = await launch()
    page = await browser.newPage()
    await page.route('**/*', async (route) => {
      const url = route.request().url()
      if (url === `${origin}/items/1`)
        return route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' })
      asked.push(url)
      return route.abort()
    })
    page.on('dialog', (dialog) => void dialog.dismiss())
    await page.goto(`${origin}/items/1`)
    await page.addScriptTag({ content: await bundled() })
  })
  afterAll(() => browser?.close())

  test.each(Object.entries(attacks))('%s does nothing', async (_, text) => {
    const drawn = await draw(text)
    expect(drawn.ran).toBe(false)
    expect(await faultsOf()).toEqual([])
    expect(asked).toEqual([])
    expect(page.url()).toBe(`${origin}/items/1`)
  })

  test('all of them at once do nothing either', async () => {
    const drawn = await draw(Object.values(attacks).join('\n\n'))
    expect(drawn.ran).toBe(false)
    expect(await faultsOf()).toEqual([])
    expect(asked).toEqual([])
  })

  test('an image is a link by its name, and is not fetched', async () => {
    const { html } = await draw(
      '![a chart](https://a.test/c.png) [![logo](https://a.test/l.png)](https://b.test)',
    )
    expect(html).toContain(
      '<a href="https://a.test/c.png" rel="noopener noreferrer nofollow" target="_blank">a chart</a>',
    )
    expect(html).toContain('<em>logo</em>')
    expect(html).not.toContain('<img')
  })

  test('what is meant well is drawn: lists, tables, code, tasks, references of items', async () => {
    const { html } = await draw(
      '# One\n\n#### Two\n\n- [x] done #12\n\n|a|b|\n|-|-:|\n|1|2|\n\n`x < y`\n\n```js\n<b>\n```',
    )
    expect(html).toContain('<h3>One</h3>')
    expect(html).toContain('<h4>Two</h4>')
    expect(html).toMatch(/☑\s+done <a href="\/items\/12"/)
    expect(html).toContain('<td align="right">2</td>')
    expect(html).toContain('<code>x &lt; y</code>')
    expect(html).toContain('<pre><code>&lt;b&gt;\n</code></pre>')
    expect(await faultsOf()).toEqual([])
  })

  test('headings come one below the other, whatever was written', async () => {
    const { html } = await draw('###### deep\n\n# top\n\n#### below\n\n## between')
    expect([...html.matchAll(/<h(\d)>/g)].map(([, level]) => Number(level))).toEqual([3, 3, 4, 4])
  })

  test('relative links and letters stay', async () => {
    const { html } = await draw('[a](/items/3) [b](mailto:a@b.test) [c](../live/1?x=1#y) [d](//c.test/x)')
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      ...['/items/3', 'mailto:a@b.test', '../live/1?x=1#y', '//c.test/x'],
    ])
  })

  const n = 50_000
  test.each([
    ['quotes in quotes', '>'.repeat(n)],
    ['lists in lists', '1. '.repeat(n / 3)],
    ['brackets', '['.repeat(n)],
    ['links in links', '[a]('.repeat(n / 4)],
    ['stars', '**a *b '.repeat(n / 7)],
    ['ticks', Array.from({ length: 300 }, (_, at) => '`'.repeat(at + 1)).join(' ')],
    ['elements in elements', '<b>'.repeat(n / 3)],
    ['elements that differ', Array.from({ length: 4_000 }, (_, at) => `<i x${at}><p>`).join('')],
    ['tables in tables', '<table><td>'.repeat(n / 11)],
    ['details in details', '<details open><summary>'.repeat(n / 23)],
    ['details beside each other', '<details><summary>a</summary>b</details>\n'.repeat(n / 40)],
    ['letters', 'a'.repeat(n)],
    ['a wide table', `${'|a'.repeat(n / 4)}\n${'|-'.repeat(n / 4)}\n`],
  ])('%s as deep as a piece goes end in a moment', async (_, text) => {
    const drawn = await draw(text)
    expect(drawn.ms).toBeLessThan(5_000)
    expect(await faultsOf()).toEqual([])
  })
})
