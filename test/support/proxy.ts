import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between clients and a PostgreSQL, which can be cut off from them. */
export class Proxy {
  private server: Server | null = null;
  private port = 0;
  private readonly open = new Set<Socket>();

  private constructor(private readonly target: URL) {}

  /** Begins to pass on to the server of a URL. */
  static async before(url: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(url));
    await proxy.appear();
    return proxy;
  }

  /** The database by way of the proxy. */
  get url(): string {
    const { port } = this;
    return Object.assign(new URL(this.target), { hostname: '127.0.0.1', port }).toString();
  }

  /** Takes connections, on the same port as before. */
  async appear(): Promise<void> {
    const server = createServer((socket) => {
      const onward = connect(Number(this.target.port), this.target.hostname);
      for (const [end, other] of [[socket, onward], [onward, socket]] as const) {
        this.open.add(end);
        end.on('error', () => undefined).on('close', () => (this.open.delete(end), other.destroy()));
        end.pipe(other);
      }
    });
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
    ({ port: this.port } = server.address() as AddressInfo);
    this.server = server;
  }

  /** Takes no connection any more, and cuts those that there are. */
  async vanish(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    const closed = once(server, 'close');
    server.close();
    this.cut(1);
    await closed;
  }

  /** Cuts connections, each with a probability. @returns how many */
  cut(probability: number): number {
    const cut = [...this.open].filter(() => Math.random() < probability);
    for (const socket of cut) socket.destroy();
    return cut.length;
  }
}
