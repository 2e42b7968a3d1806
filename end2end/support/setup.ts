// Before the first test: the identity provider, and the installation that every test copies.

import { Database } from './database.ts';
import { handToWorkers, install } from './installation.ts';
import { checkMachine } from './machine.ts';
import { RunningProvider } from './provider.ts';

export default async function setup(): Promise<() => Promise<void>> {
  checkMachine();
  const server = process.env.DATABASE_URL ?? '';
  const provider = await RunningProvider.start();
  const database = await Database.create(server, `spillway_journeys_${process.pid}`);
  const tokens = await install(database, provider.address.issuer);
  handToWorkers({ server, template: database.name, provider: provider.address, tokens });
  return async () => {
    await database.drop();
    await provider.stop();
  };
}
