// A policy enforcement point: asks over HTTP with a bearer token, as OpenID AuthZEN 1.0 and its Access Request and
// Approval Profile have it.

import { expect } from '@playwright/test';

/** A subject, action and resource. */
export interface Question {
  subject: { type: string; id: string };
  action: { name: string };
  resource: { type: string; id: string };
  context?: Record<string, unknown>;
}

/** What an evaluation answers. */
export interface Answer {
  decision: boolean;
  context: {
    evaluation_id: string;
    evaluated_at: string;
    reason: string;
    outcome: 'automate' | 'review' | 'deny';
    base_outcome: 'automate' | 'review' | 'deny';
    tier: string;
    rules: { id: string; question: string; effect: string; says: string; taken_out_by?: string[] }[];
    opt_outs: { id: string; direction: string; title?: string; rules: string[]; outcome_without: string }[];
    approval?: { id: string; approved_until: string };
    access_request?: { endpoint: string; expires_at: string };
    next_action?: string;
  };
}

/** A filed request, as the wire has it. */
export interface Task {
  task: {
    id: string;
    status: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';
    status_endpoint: string;
    links: { ticket: string; review: string; cancel?: string };
  };
  result?: { mode: string; approval: { id: string; approved_at: string; approved_until: string } };
}

export interface Reply<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** What is added to a request that is filed on a denial. */
export interface Wish {
  reason?: string;
  from?: Date;
  until?: Date;
  idempotencyKey?: string;
}

/** The pipeline of the journeys asks whether it may deploy. */
export const deploy = (resource: string, context?: Record<string, unknown>): Question => ({
  subject: { type: 'workload', id: 'ci/payments' },
  action: { name: 'deploy' },
  resource: { type: 'service', id: resource },
  ...(context && { context }),
});

export class Pep {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Sends JSON as it is, and answers what came. */
  async post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply<T>> {
    return this.send<T>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Puts JSON as it is, and answers what came. */
  async put<T>(path: string, body: unknown): Promise<Reply<T>> {
    return this.send<T>(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async send<T>(path: string, init: RequestInit): Promise<Reply<T>> {
    const headers = { authorization: `Bearer ${this.token}`, ...(init.headers as Record<string, string>) };
    const answer = await fetch(new URL(path, this.url), { ...init, headers });
    const text = await answer.text();
    const isJson = /[/+]json\b/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** One evaluation, whatever comes of it. */
  evaluation(question: Question): Promise<Reply<Answer>> {
    return this.post('/access/v1/evaluation', question);
  }

  /** One evaluation that must be answered. */
  async ask(question: Question): Promise<Answer> {
    const { status, body } = await this.evaluation(question);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  }

  /** Files an access request on a denial, whatever comes of it. */
  request(question: Question, denial: Answer, wish: Wish = {}): Promise<Reply<Task>> {
    return this.post(
      '/access/v1/requests',
      {
        subject: question.subject,
        action: question.action,
        resource: question.resource,
        context: {
          ...question.context,
          business_justification: wish.reason ?? 'Release 4.12.0: fix for duplicate refunds, CHG-9031',
        },
        ...((wish.from || wish.until) && {
          requested_access: {
            ...(wish.from && { requested_from: wish.from.toISOString() }),
            ...(wish.until && { requested_until: wish.until.toISOString() }),
          },
        }),
        denial: {
          evaluation_id: denial.context.evaluation_id,
          expires_at: denial.context.access_request?.expires_at,
        },
      },
      wish.idempotencyKey ? { 'idempotency-key': wish.idempotencyKey } : {},
    );
  }

  /** Asks, is told to ask a person, and files that. */
  async file(question: Question, wish: Wish = {}): Promise<Task> {
    const denial = await this.ask(question);
    expect(denial.context.outcome).toBe('review');
    const { status, body } = await this.request(question, denial, wish);
    expect(status, JSON.stringify(body)).toBe(202);
    return body;
  }

  /** How a filed request stands. */
  async status(task: Task): Promise<Task> {
    const { status, body } = await this.send<Task>(task.task.status_endpoint, { method: 'GET' });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  }

  /** Reports what it has really done with an answer. */
  async report(answer: Answer, done: 'enforced' | 'denied' | 'bypassed', note = ''): Promise<void> {
    const report = { decision_id: answer.context.evaluation_id, done, note };
    const { status, body } = await this.post('/api/v1/enforcements', report);
    expect(status, JSON.stringify(body)).toBe(201);
  }

  /** Takes it back, whatever comes of it. */
  cancel(task: Task): Promise<Reply<Task>> {
    return this.post(task.task.links.cancel ?? `${task.task.status_endpoint}/cancel`, {});
  }
}
