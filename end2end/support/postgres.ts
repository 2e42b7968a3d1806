// A PostgreSQL of a test's own, which can be stopped: the one of the run serves all the others.

import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from './database.ts';
import { POSTGRES_BIN } from './machine.ts';
import { Program, run } from './program.ts';

export class Postgres {
  private server: Program | undefined;

  private constructor(private readonly folder: string) {}

  /** A new one in the folder, running. */
  static async start(folder: string): Promise<Postgres> {
    const postgres = new Postgres(folder);
    await mkdir(folder, { recursive: true });
    if (isRoot()) execFileSync('chown', ['postgres', folder]);
    // The folder above is for its owner alone, and PostgreSQL is another user where this runs as root.
    if (isRoot()) await chmod(join(folder, '..'), 0o711);
    const [program, ...args] = unprivileged(join(POSTGRES_BIN, 'initdb'), [
      `--pgdata=${postgres.data}`,
      '--username=spillway_owner',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    await run(program, args);
    await appendFile(
      join(postgres.data, 'postgresql.conf'),
      `listen_addresses = ''\nunix_socket_directories = '${folder}'\ntimezone = 'UTC'\n`,
    );
    await postgres.begin();
    return postgres;
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private get address(): string {
    return `postgres:///postgres?host=${this.folder}&user=spillway_owner`;
  }

  /** Starts it, again after a stop; it recovers what it must. */
  async begin(): Promise<void> {
    const [program, ...args] = unprivileged(join(POSTGRES_BIN, 'postgres'), ['-D', this.data]);
    this.server = Program.start(program, args, join(this.folder, '..', 'postgres.log'));
    await this.server.until('accepting connections', async () => {
      try {
        await new Database(this.address, 'postgres').column('SELECT 1');
        return true;
      } catch {
        return false;
      }
    });
  }

  create(name: string): Promise<Database> {
    return Database.create(this.address, name);
  }

  /** Ends it at once, as a power cut would: `immediate` in PostgreSQL's words. */
  async stop(): Promise<void> {
    await this.server?.stop('SIGQUIT');
  }

  /** Lets it hang: connections stay open and nothing answers. What undoes it. */
  async hang(): Promise<() => void> {
    const backends = await new Database(this.address, 'postgres').column('SELECT pid FROM pg_stat_activity');
    // The last one is the query's own, which is over.
    const processes = [this.server?.pid ?? 0, ...backends.map(Number)];
    const signal = (name: NodeJS.Signals) => {
      for (const id of processes) {
        try {
          process.kill(id, name);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
    };
    signal('SIGSTOP');
    return () => signal('SIGCONT');
  }
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** PostgreSQL refuses to run as root. */
function unprivileged(program: string, args: string[]): [string, ...string[]] {
  if (!isRoot()) return [program, ...args];
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', program, ...args];
}
