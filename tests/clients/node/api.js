// The server's API, loaded from the protos at run time.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const PROTOS = fileURLToPath(new URL('../../../proto', import.meta.url));
const GOOGLE = '/usr/share/gocode/src/github.com/gogo/googleapis';
const TIMEOUT = 30_000;

const loaded = grpc.loadPackageDefinition(protoLoader.loadSync(
  ['adieu/v1/call_control_service.proto', 'adieu/v1/cancel_policy_service.proto'], {
  includeDirs: [PROTOS], keepCase: true, enums: String, longs: Number, defaults: true, oneofs: true }));

export const deadline = () => ({ deadline: Date.now() + TIMEOUT });

// A client of `CallControlService` or `CancelPolicyService`.
export function connect(address, service = 'CallControlService') {
  return new loaded.adieu.v1[service](
    address, grpc.credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
}

// A unary method as a promise.
export function ask(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, deadline(), (error, response) => (error ? reject(error) : resolve(response)));
  });
}

// google.rpc.ErrorInfo of an RPC error.
export function errorInfo(error) {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => (target.startsWith('google/rpc/') ? path.join(GOOGLE, target) : target);
  root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = root.lookupType('google.rpc.Status').decode(bytes);
  const detail = status.details.find(({ type_url: type }) => type === 'type.googleapis.com/google.rpc.ErrorInfo');
  return { code: status.code, ...root.lookupType('google.rpc.ErrorInfo').decode(detail.value) };
}
