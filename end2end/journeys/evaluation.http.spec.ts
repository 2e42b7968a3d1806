import { prepared } from '../support/installation.ts';
import { type Answer, deploy, Pep } from '../support/pep.ts';
import { expect, test } from '../support/test.ts';

test('staging is granted at once, production needs a person', async ({ pep, spillway }) => {
  const staging = await pep.ask(deploy('payments-staging'));
  expect(staging).toMatchObject({
    decision: true,
    context: { outcome: 'automate', base_outcome: 'automate', tier: 'low', opt_outs: [] },
  });
  expect(staging.context.access_request).toBeUndefined();

  const production = await pep.ask(deploy('payments-prod'));
  expect(production).toMatchObject({
    decision: false,
    context: {
      evaluation_id: expect.stringMatching(/^dec_/),
      outcome: 'review',
      reason: 'approval_required',
      tier: 'critical',
      access_request: { endpoint: `${spillway.url}/access/v1/requests` },
    },
  });
  expect(production.context.rules).toContainEqual(
    expect.objectContaining({ id: 'no-unattended-prod-deploy', question: 'automate', effect: 'forbid' }),
  );
  const good = Date.parse(production.context.access_request?.expires_at ?? '');
  expect(good - Date.parse(production.context.evaluated_at)).toBe(15 * 60_000);
});

test('what nobody knows is denied, and cannot be asked for', async ({ pep }) => {
  for (const question of [
    { ...deploy('payments-prod'), subject: { type: 'workload', id: 'ci/unheard-of' } },
    deploy('unheard-of'),
  ]) {
    const answer = await pep.ask(question);
    expect(answer).toMatchObject({ decision: false, context: { outcome: 'deny' } });
    expect(answer.context.access_request).toBeUndefined();
  }
});

test('several questions in one message, answered as far as was asked for', async ({ pep }) => {
  const { subject, action } = deploy('payments-prod');
  const batch = async (semantic: string, resources: string[]) => {
    const { status, body } = await pep.post<{ evaluations: Answer[] }>('/access/v1/evaluations', {
      subject,
      action,
      evaluations: resources.map((id) => ({ resource: { type: 'service', id } })),
      options: { evaluations_semantic: semantic },
    });
    expect(status).toBe(200);
    return body.evaluations.map(({ decision }) => decision);
  };
  const [yes, no] = ['payments-staging', 'payments-prod'];
  expect(await batch('execute_all', [no, yes, no])).toEqual([false, true, false]);
  expect(await batch('deny_on_first_deny', [yes, no, yes])).toEqual([true, false]);
  expect(await batch('permit_on_first_permit', [no, yes, no])).toEqual([false, true]);
});

test('wrong input is 400, an unknown caller 401, a foreign question 403', async ({ pep, spillway }) => {
  const { subject, action, resource } = deploy('payments-prod');
  for (const broken of [
    {},
    [],
    { subject, action },
    { subject: { type: 'workload' }, action, resource },
    { subject, action: { name: 7 }, resource },
    { subject: { type: 'robot', id: 'x' }, action, resource },
    { subject, action, resource, context: 'now' },
  ]) {
    const { status } = await pep.post('/access/v1/evaluation', broken);
    expect(status, JSON.stringify(broken)).toBe(400);
  }
  const { status: withMore } = await pep.post('/access/v1/evaluation', { subject, action, resource, more: true });
  expect(withMore, 'unknown members are ignored').toBe(200);

  const strange = await new Pep(spillway.url, 'spw_unknown').evaluation(deploy('payments-prod'));
  expect(strange.status).toBe(401);
  expect(strange.headers.get('www-authenticate')).toContain('Bearer');
  const narrow = await new Pep(spillway.url, prepared().tokens['psql-gateway']).evaluation(deploy('payments-prod'));
  expect(narrow.status).toBe(403);
});

test('the metadata says where everything is', async ({ spillway }) => {
  const answer = await fetch(`${spillway.url}/.well-known/authzen-configuration`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    policy_decision_point: spillway.url,
    access_evaluation_endpoint: `${spillway.url}/access/v1/evaluation`,
    access_evaluations_endpoint: `${spillway.url}/access/v1/evaluations`,
  });
});
