// The identity provider of the journeys: the certified `oidc-provider`, with people to click instead of passwords.
//
// One for the whole run, in the runner's own process. Every server under test registers itself there as a client of its
// own (RFC 7591), since each has another address.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { everybody, mailOf } from './people.ts';
import type { ProviderAddress } from './registration.ts';

const SCOPES = 'openid profile email groups';

/** How strongly a click proves who one is, and what counts as more where a client asks for it. */
const CLICK = 'urn:example:click';
const KEY = 'urn:example:key';

/** The provider, serving. */
export class RunningProvider {
  private constructor(
    readonly address: ProviderAddress,
    private readonly server: Server,
  ) {}

  static async start(): Promise<RunningProvider> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const address = { issuer, registrationToken: randomBytes(24).toString('hex') };
    const provider = new Provider(issuer, configuration(address));
    const protocol = provider.callback();
    server.on('request', (request, response) => {
      if (request.url === '/favicon.ico') {
        response.writeHead(204).end();
        return;
      }
      const interaction = /^\/interaction\/[^/?]+(\/answer)?$/.exec(request.url ?? '');
      const handled = interaction
        ? interact(provider, request, response, interaction[1] !== undefined)
        : protocol(request, response);
      handled.catch((error: unknown) => {
        console.error('the identity provider failed:', error);
        response.destroy();
      });
    });
    return new RunningProvider(address, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

function configuration({ registrationToken }: ProviderAddress): Configuration {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return {
    jwks: { keys: [{ ...key, kid: 'journeys', alg: 'RS256', use: 'sig' }] as never },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    claims: { openid: ['sub', 'sid', 'acr', 'amr', 'auth_time'], profile: ['name'], email: ['email'], groups: ['groups'] },
    scopes: SCOPES.split(' '),
    // Our claims are small: they come in the ID token.
    conformIdTokenClaims: false,
    acrValues: [CLICK, KEY],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true, initialAccessToken: registrationToken },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
    },
    // The provider refuses loopback addresses for back-channel logout by the dispatcher that it hands over.
    fetch: ((url: string, { dispatcher: _, ...options }: { dispatcher?: unknown }) => fetch(url, options)) as never,
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => {
      const person = everybody.find(({ sub }) => sub === id);
      const claims = () => ({ sub: id, name: person?.name, email: mailOf(id), groups: person?.groups });
      return person && { accountId: id, claims };
    },
    // Nobody is asked whether Spillway may know who they are: it is their employer's.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      } as never);
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    renderError: (cx, out) => {
      cx.type = 'html';
      cx.body = page('This did not work', `<p>${out.error}: ${out.error_description ?? ''}</p>`);
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
  };
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  answered: boolean,
): Promise<void> {
  const { uid, params } = await provider.interactionDetails(request, response);
  const wantsKey = String(params.acr_values ?? '').split(' ').includes(KEY);
  if (!answered) {
    const buttons = everybody.map(
      ({ sub, name }) =>
        `<p><button name="sub" value="${sub}">${name}</button>${
          wantsKey ? ` <button name="weak" value="${sub}">${name}, without a key</button>` : ''
        }</p>`,
    );
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      page(
        'Who are you?',
        `<form method="post" action="/interaction/${uid}/answer">${buttons.join('')}<p><button>Cancel</button></p></form>`,
      ),
    );
    return;
  }
  const form = new URLSearchParams(await body(request));
  const weak = form.get('weak');
  const sub = weak ?? form.get('sub');
  const result = sub
    ? { login: { accountId: sub, acr: wantsKey && !weak ? KEY : CLICK, amr: ['user'] } }
    : { error: 'access_denied', error_description: 'nobody was chosen' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function logoutSource(cx: KoaContextWithOIDC, form: string): void {
  const button = '<p><button form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button></p>';
  cx.body = page('Sign out?', form + button);
}

function postLogoutSuccessSource(cx: KoaContextWithOIDC): void {
  cx.body = page('Signed out', '<p>You can close this window.</p>');
}

function page(title: string, body: string): string {
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">' +
    `<title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`
  );
}
