/** Hosts, addresses and resolvers as they are written in a health check. Pure: no name is looked up. */

/** `host` without the brackets of an IPv6 address. */
export interface Endpoint {
  host: string
  port?: number
}

const longestName = 253
/** Letters of every script, since names may be written in them; a trailing dot is the root. */
const label = /^[\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?$/u

export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
}

/** Without brackets and without a zone. */
export const isIpv6 = (text: string): boolean =>
  /^[\da-f:.]{2,45}$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`)

/** `_` is allowed: service names begin with it. What is made of digits and dots alone is meant as an address. */
export function isHostName(text: string): boolean {
  if (text.length > longestName || /^[\d.]+$/.test(text)) return false
  return text
    .replace(/\.$/, '')
    .split('.')
    .every((part) => label.test(part))
}

/** A name or an address, an IPv6 one with or without brackets. */
export const isHost = (text: string): boolean =>
  isIpv4(text) || isIpv6(withoutBrackets(text)) || isHostName(text)

/**
 * `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`, `ns.example.com`, `ns.example.com:5353`
 * @returns undefined when it is none of these
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (isIpv6(withoutBrackets(text))) return { host: withoutBrackets(text) }
  const [, address, port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(text) ?? []
  if (address === undefined || !isHost(address) || isIpv6(address)) return undefined
  const host = withoutBrackets(address)
  if (port === undefined) return { host }
  return Number(port) >= 1 && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

const withoutBrackets = (text: string): string => /^\[(.*)\]$/s.exec(text)?.[1] ?? text

/** The name under which DNS keeps the name of an address: `1.2.0.192.in-addr.arpa`. */
export function reverseName(address: string): string {
  if (isIpv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`
  const digits = groups(address).map((group) => group.padStart(4, '0'))
  return `${[...digits.join('')].reverse().join('.')}.ip6.arpa`
}

/** The eight of an IPv6 address; a URL writes the shortest form, without dots. */
function groups(address: string): string[] {
  const [before = '', after] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const [left, right] = [before, after ?? ''].map((part) => part.split(':').filter(Boolean)) as [
    string[],
    string[],
  ]
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}
