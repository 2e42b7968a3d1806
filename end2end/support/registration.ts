// How a server under test becomes a client of the identity provider: by registering itself (RFC 7591).

/** What a server under test has to know of the provider. */
export interface ProviderAddress {
  issuer: string;
  /** What lets it register. */
  registrationToken: string;
}

/** What the provider gives a server that registers. */
export interface RegisteredClient {
  id: string;
  secret: string;
}

/** Registers the server at `url`. */
export async function register(provider: ProviderAddress, url: string): Promise<RegisteredClient> {
  const answer = await fetch(`${provider.issuer}/reg`, {
    method: 'POST',
    headers: { authorization: `Bearer ${provider.registrationToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Spillway',
      redirect_uris: [`${url}/sign-in/callback`],
      post_logout_redirect_uris: [`${url}/signed-out`],
      backchannel_logout_uri: `${url}/sign-in/back-channel-logout`,
      backchannel_logout_session_required: true,
    }),
  });
  if (!answer.ok) throw new Error(`the provider registers nobody: ${answer.status} ${await answer.text()}`);
  const { client_id, client_secret } = (await answer.json()) as { client_id: string; client_secret: string };
  return { id: client_id, secret: client_secret };
}
