// Who notices go out to: a mail server, and a program that checks signatures with the official verifier.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';

/** A mail as it arrived. */
export interface Mail {
  from: string;
  to: string[];
  text: string;
}

/** A mail server that takes everything and delivers nothing. */
export class MailServer {
  readonly mails: Mail[] = [];

  private constructor(
    private readonly server: SMTPServer,
    readonly port: number,
  ) {}

  static async start(port: number): Promise<MailServer> {
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      // Neither asks a name server about the client, nor waits for the connections that it keeps.
      disableReverseLookup: true,
      closeTimeout: 100,
      onData(stream, session, done) {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(parts).toString('utf8'),
          });
          done();
        });
      },
    });
    // A client that is killed in the middle is no fault of the server's, which takes one nobody listens to for its end.
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
    });
    await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
    const running = new MailServer(server, port);
    const { mails } = running;
    return running;
  }

  stop(): Promise<void> {
    return new Promise((done) => this.server.close(() => done()));
  }
}

/** What came to a webhook. */
export interface Call {
  id: string;
  type: string;
  data: { id: string; title: string; url: string; by: string | null };
  /** Whether the official verifier accepts it under the secret that the receiver knows. */
  verified: boolean;
}

/** How a receiver answers. `hang`: not at all. */
export type Manner = number | 'hang';

/** A program with an address. */
export class Receiver {
  readonly calls: Call[] = [];
  secret = '';
  /** How it answers the next calls; after them, 204. */
  manners: Manner[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(port = 0): Promise<Receiver> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8');
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, `${value}`]));
        const { type, data } = JSON.parse(body) as Pick<Call, 'type' | 'data'>;
        receiver.calls.push({ id: headers['webhook-id'] ?? '', type, data, verified: receiver.verifies(body, headers) });
        const manner = receiver.manners.shift() ?? 204;
        if (manner === 'hang') return;
        response.writeHead(manner, manner >= 300 && manner < 400 ? { location: '/elsewhere' } : {});
        response.end();
      });
    });
    await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
    const address = server.address() as AddressInfo;
    const receiver = new Receiver(server, `http://127.0.0.1:${address.port}/spillway`);
    return receiver;
  }

  private verifies(body: string, headers: Record<string, string>): boolean {
    try {
      new Webhook(this.secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  }

  /** What a receiver keeps that honours the id: the first of each. */
  get kept(): Call[] {
    return this.calls.filter(({ id }, place) => this.calls.findIndex((call) => call.id === id) === place);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
