// An installation to copy: policy, directory and clients of server/demo, put in force once for the whole run.

import { join } from 'node:path';
import { Database } from './database.ts';
import { inTree, SPILLWAY_BIN } from './machine.ts';
import { run } from './program.ts';
import type { ProviderAddress } from './registration.ts';

/** What a test needs to make an installation of its own. */
export interface Prepared {
  /** PostgreSQL of the run. */
  server: string;
  /** The database that is copied. */
  template: string;
  provider: ProviderAddress;
  tokens: Tokens;
}

/** Bearer tokens of the directory's clients, by name. */
export type Tokens = Record<'ci-gateway' | 'psql-gateway' | 'console' | 'endpoint-monitor' | 'incident-tool', string>;

/** Brings an empty database to the present schema, and puts policy and directory in force. */
export async function install(database: Database, issuer: string): Promise<Tokens> {
  await run(SPILLWAY_BIN, ['migrate'], { DATABASE_URL: database.owner });
  const printed = await run(
    SPILLWAY_BIN,
    [
      'bootstrap',
      ...['--policy', inTree('server/demo/policy')],
      ...['--directory', inTree('server/demo/directory.toml')],
      ...['--issuer', issuer],
    ],
    { DATABASE_URL: database.serving },
  );
  const token = (name: string): string => {
    const variable = `SPILLWAY_TOKEN_${name.toUpperCase().replaceAll('-', '_')}`;
    const found = new RegExp(`^${variable}=(\\S+)$`, 'm').exec(printed)?.[1];
    if (!found) throw new Error(`bootstrap printed no ${variable}:\n${printed}`);
    return found;
  };
  return {
    'ci-gateway': token('ci-gateway'),
    'psql-gateway': token('psql-gateway'),
    console: token('console'),
    'endpoint-monitor': token('endpoint-monitor'),
    'incident-tool': token('incident-tool'),
  };
}

const VARIABLE = 'SPILLWAY_JOURNEYS';

/** Hands it to the workers, which the runner starts with its own environment. */
export function handToWorkers(prepared: Prepared): void {
  process.env[VARIABLE] = JSON.stringify(prepared);
}

export function prepared(): Prepared {
  const text = process.env[VARIABLE];
  if (!text) throw new Error('support/setup.ts has not run');
  return JSON.parse(text) as Prepared;
}

let copies = 0;

/** A database of its own for one test. */
export function copy({ server, template }: Prepared, worker: number): Promise<Database> {
  const name = `${template}_${worker}_${++copies}`;
  return Database.create(server, name, new Database(server, template));
}

/** The folder of a server's own files, inside a test's folder. */
export const dataIn = (folder: string): string => join(folder, 'data');
