import autocannon, { type Result } from 'autocannon';

/** One request as it is sent, its body made once. */
export interface Shot {
  body: string;
  headers: Record<string, string>;
}

/** What a server did under load. */
export interface Measurement {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
}

export const CONNECTIONS = 16;

/** Requests that are sent in turn, or made one after the other, each of them once. */
export type Shots = readonly Shot[] | (() => Shot);

/** Sends requests over so many connections for a time or a number of them. @throws when one is not answered by 200, or not as it has to be */
export async function load(url: string, shots: Shots, amount: { seconds: number } | { requests: number }): Promise<Measurement> {
  const times: number[] = [];
  const wrong: string[] = [];
  const started = performance.now();
  const result = await new Promise<Result>((resolve, reject) => {
    const running = autocannon(
      {
        url,
        connections: CONNECTIONS,
        ...('seconds' in amount ? { duration: amount.seconds } : { amount: amount.requests }),
        requests:
          typeof shots === 'function'
            ? [{
                method: 'POST',
                setupRequest: (request) => ({ ...request, ...shots() }),
                onResponse: (_status, body) => {
                  if (!body.includes('"userErrors":[]')) wrong.push(body);
                },
              }]
            : shots.map(({ body, headers }) => ({ method: 'POST', body, headers })),
      },
      (error: Error | null, finished) => (error ? reject(error) : resolve(finished)),
    );
    running.on('response', (_client, status, _bytes, time) => {
      if (status === 200) times.push(time);
    });
  });
  const seconds = (performance.now() - started) / 1000;
  if (result.errors || result.timeouts || result.non2xx) throw new Error(`${url}: ${result.errors} errors, ${result.timeouts} timeouts, ${result.non2xx} answers other than 200`);
  if (wrong.length) throw new Error(`${url}: ${wrong.length} of ${times.length} refused, such as ${wrong[0]}`);
  times.sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { requests: times.length, perSecond: times.length / seconds, p50: quantile(0.5), p99: quantile(0.99) };
}
