/** Records of DNS as plain texts, such as `10 mx.example.com`. */

import type { promises as dns } from 'node:dns'

import type { RecordType } from '../domain/health-check.ts'

type Resolver = InstanceType<typeof dns.Resolver>

/**
 * @returns  in no order of the server's, which may change with each answer
 * @throws   Error with a code of Node's resolver: `ENOTFOUND`, `ENODATA`, …
 */
export async function readRecords(resolver: Resolver, name: string, record: RecordType): Promise<string[]> {
  const records = await readers[record](resolver, name)
  // no database of ours takes NUL
  return records.map((text) => text.replaceAll('\0', '\uFFFD')).sort()
}

/** Names in lower case and without the last dot, the root as a dot; the numbers in the order of a zone file. */
const readers: Record<RecordType, (resolver: Resolver, name: string) => Promise<string[]>> = {
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: async (resolver, name) => (await resolver.resolveCname(name)).map(plain),
  NS: async (resolver, name) => (await resolver.resolveNs(name)).map(plain),
  PTR: async (resolver, name) => (await resolver.resolvePtr(name)).map(plain),
  MX: async (resolver, name) =>
    (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${plain(exchange)}`),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((parts) => parts.join('')),
  SRV: async (resolver, name) =>
    (await resolver.resolveSrv(name)).map(
      ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${plain(target)}`,
    ),
  CAA: async (resolver, name) =>
    (await resolver.resolveCaa(name)).flatMap(({ critical, ...tags }) =>
      Object.entries(tags).map(([tag, value]) => `${critical} ${tag} ${value}`),
    ),
  SOA: async (resolver, name) => {
    const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name)
    return [`${plain(nsname)} ${plain(hostmaster)} ${serial} ${refresh} ${retry} ${expire} ${minttl}`]
  },
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '') || '.'
