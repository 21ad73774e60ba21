// An application in Node sees a call, ends it, and reads errors, with nothing but the protos.
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import grpc from '@grpc/grpc-js';

import { ask, connect, deadline, errorInfo } from './api.js';
import { Phone } from './phone.js';

const client = connect(process.env.ADIEU_GRPC);
const policies = connect(process.env.ADIEU_GRPC, 'CancelPolicyService');
let phone;

beforeEach(async () => {
  phone = await Phone.open(process.env.ADIEU_SIP);
});
afterEach(() => phone.close());
after(() => {
  client.close();
  policies.close();
});

const only = () => ({ sip_call_ids: { values: [phone.callId] } });

// phone           adieu           application
//   |---INVITE----->|                 |
//   |<--180---------|--call RINGING-->|
//   |               |<--Terminate-----|
//   |<--486---------|                 |
//   |---ACK-------->|--ENDED--------->|
test('a call is listed, watched and ended', async () => {
  const stream = client.WatchCalls({ match: only() }, deadline());
  const changes = stream[Symbol.asyncIterator]();
  const nextCall = async () => {
    for (;;) {
      const { value, done } = await changes.next();
      assert.ok(!done, 'the watch ended');
      if (value.change === 'call') return value.call;
    }
  };
  assert.equal((await changes.next()).value.change, 'bookmark');
  await phone.invite();

  const { calls } = await ask(client, 'ListCalls', { match: only() });
  assert.equal(calls.length, 1);
  const [call] = calls;
  assert.equal(call.state, 'CALL_STATE_RINGING');
  assert.equal(call.caller.sip_call_id, phone.callId);
  assert.equal((await nextCall()).name, call.name);

  const pending = ask(client, 'TerminateCall',
    { name: call.name, intent: 'INTENT_BUSY', wait: 'WAIT_ENDED', note: 'node' });
  const [{ status, phrase }, termination] = await Promise.all([phone.final(), pending]);
  assert.deepEqual([status, phrase], [486, 'Busy Here']);
  assert.equal(termination.call, call.name);
  assert.equal(termination.legs.length, 1);
  assert.equal(termination.legs[0].action, 'LEG_ACTION_FINAL_RESPONSE');
  assert.equal(termination.legs[0].status_code, 486);
  assert.equal(termination.legs[0].outcome, 'LEG_OUTCOME_ENDED');

  let seen = await nextCall();
  while (seen.state !== 'CALL_STATE_TERMINATED') seen = await nextCall();
  assert.equal(seen.ended_by, 'ENDED_BY_ADIEU');
  stream.on('error', (error) => assert.equal(error.code, grpc.status.CANCELLED));
  stream.cancel();
});

test('an explicit treatment by Call-ID, and a retry', async () => {
  await phone.invite();
  const request = {
    sip_call_id: phone.callId,
    treatment: {
      final_response: { status_code: 480, reason_phrase: 'Closed for today', reasons: [{ q850_cause: 31 }] } },
    request_id: `node-${phone.callId}`,
    wait: 'WAIT_SENT',
  };
  const first = await ask(client, 'TerminateCall', request);
  assert.match(first.legs[0].outcome, /^LEG_OUTCOME_(SENT|ENDED)$/);
  const { status, phrase, headers } = await phone.final();
  assert.deepEqual([status, phrase], [480, 'Closed for today']);
  assert.match(headers.reason, /^Q\.850\s*;\s*cause=31/);
  assert.equal((await ask(client, 'TerminateCall', request)).name, first.name);
});

test('a policy is created, explained and asked', async () => {
  const name = 'cancelPolicies/node-client';
  const created = await ask(policies, 'CreateCancelPolicy', {
    cancel_policy: {
      name,
      mode: 'CANCEL_POLICY_MODE_SHADOW',
      rules: [{
        id: 'only',
        triggers: ['TRIGGER_REQUEST'],
        match: only(),
        treatment: { final_response: { status_code: 486, reason_phrase: 'Node' } },
      }],
    },
  });
  try {
    assert.equal(created.origin, 'CANCEL_POLICY_ORIGIN_API');
    assert.deepEqual(await ask(policies, 'GetCancelPolicy', { name }), created);
    await phone.invite();
    const { calls: [call] } = await ask(client, 'ListCalls', { match: only() });
    const explained = await ask(policies, 'ExplainCancelPolicy', { call: call.name });
    assert.equal(explained.policy, 'cancelPolicies/builtin');
    const shadows = explained.shadow_decisions.filter((shadow) => shadow.policy === name);
    assert.deepEqual(shadows.map((shadow) => shadow.rule), ['only']);

    // A request that names it overrides its mode.
    const termination = await ask(client, 'TerminateCall', { name: call.name, policy: name });
    assert.deepEqual([termination.policy, termination.rule, termination.policy_etag], [name, 'only', created.etag]);
    const { status, phrase } = await phone.final();
    assert.deepEqual([status, phrase], [486, 'Node']);

    await assert.rejects(ask(policies, 'DeleteCancelPolicy', { name, etag: 'stale' }), (error) => {
      assert.equal(error.code, grpc.status.ABORTED);
      assert.equal(errorInfo(error).reason, 'ETAG_MISMATCH');
      return true;
    });
  } finally {
    await ask(policies, 'DeleteCancelPolicy', { name });
  }
});

test('an unknown call', async () => {
  for (const method of ['GetCall', 'TerminateCall']) {
    await assert.rejects(ask(client, method, { name: 'calls/nobody' }), (error) => {
      assert.equal(error.code, grpc.status.NOT_FOUND);
      const info = errorInfo(error);
      assert.deepEqual([info.code, info.domain, info.reason], [5, 'adieu.v1', 'CALL_NOT_FOUND']);
      return true;
    });
  }
});
