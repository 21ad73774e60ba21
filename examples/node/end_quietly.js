// Ends one ringing call without an error at the caller's phone, and says what came of it.
//
//     node end_quietly.js [HOST:PORT]      the server's gRPC address; else $ADIEU_SERVER, else 127.0.0.1:50051
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const { adieu } = grpc.loadPackageDefinition(protoLoader.loadSync('adieu/v1/call_control_service.proto', {
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
  keepCase: true, enums: String, longs: Number, defaults: true, oneofs: true }));

const RINGING = { state: 'CALL_STATE_RINGING' };
// After these nothing was done, or nobody knows: the same request again, with the same request_id, is safe.
const PASSING = [grpc.status.UNAVAILABLE, grpc.status.RESOURCE_EXHAUSTED];
// Milliseconds, for one answer and for all tries together. A phone that is gone is given up after 32 s.
const ANSWER = 45_000;
const TRIES = 60_000;

// A unary method as a promise.
function ask(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + ANSWER },
      (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

// Every ringing call, and the token from which a watch misses nothing.
async function listRinging(client) {
  const calls = [];
  let resume = '';
  let page = '';
  do {
    const answer = await ask(client, 'ListCalls', { match: RINGING, page_token: page });
    calls.push(...answer.calls);
    resume ||= answer.resume_token;
    page = answer.next_page_token;
  } while (page);
  return { calls, resume };
}

// The next call that rings.
async function nextRinging(client, resume) {
  const watch = client.WatchCalls({ match: RINGING, resume_token: resume });
  for await (const change of watch) {
    if (change.change === 'call') {
      watch.on('error', () => {}); // the cancellation below
      watch.cancel();
      return change.call;
    }
  }
  throw new Error('the server ended the watch');
}

// The termination, once the phone has confirmed it. Tries again for as long as that may help.
async function endQuietly(client, name) {
  const request = {
    name, intent: 'INTENT_QUIET', wait: 'WAIT_ENDED', note: 'end_quietly.js', request_id: randomUUID() };
  const giveUp = Date.now() + TRIES;
  for (let pause = 100; ; pause = Math.min(2 * pause, 2000)) {
    try {
      return await ask(client, 'TerminateCall', request);
    } catch (error) {
      if (!PASSING.includes(error.code) || Date.now() + pause > giveUp) throw error;
      console.log(`again: ${grpc.status[error.code]}`);
    }
    await sleep(pause);
  }
}

const address = process.argv[2] ?? process.env.ADIEU_SERVER ?? '127.0.0.1:50051';
const client = new adieu.v1.CallControlService(address, grpc.credentials.createInsecure());
try {
  const { calls, resume } = await listRinging(client);
  for (const call of calls) console.log(`rings: ${call.name} from ${call.caller.from_uri}`);
  const call = calls[0] ?? await nextRinging(client, resume);
  const termination = await endQuietly(client, call.name);
  // What became of it is data, not an error: the phone may have hung up first (PEER_FIRST).
  console.log(`ended: ${termination.call} by ${termination.policy} ${termination.rule}`);
  for (const leg of termination.legs) {
    console.log(`${leg.side} ${leg.action} ${leg.status_code} ${leg.reason_phrase}: ${leg.outcome}`);
  }
} catch (error) {
  console.error(error.code === undefined ? error.message : `${grpc.status[error.code]}: ${error.details}`);
  process.exitCode = 1;
} finally {
  client.close();
}
