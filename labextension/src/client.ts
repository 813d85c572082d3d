/**
 * The client as one ES module, for any page of a Jupyter server.
 *
 * ```js
 * import { connect, endpointUrl } from '/wslink-jupyter/static/client.js';
 * const session = connect(endpointUrl(location.origin, kernelId));
 * await session.api.membrane.poke(0.5, 0.5);
 * ```
 *
 * Where the server has a `base_url`, as behind JupyterHub, both begin with it:
 * `/user/me/wslink-jupyter/static/client.js`, `location.origin + '/user/me/'`.
 */

export type {
  CallState,
  IAbortSignal,
  IApi,
  ICallOptions,
  IDisposable,
  IObservableSession,
  IObservedCall,
  IPublicationInfo,
  ISession,
  ISessionStatus,
  ISubscribeOptions,
  KernelState,
  SessionState
} from './session/types';
export type { IConnectOptions } from './transport/connect';
export { connect } from './transport/connect';
export { endpointUrl } from './transport/endpoint';
export type { TypedArray } from './wire/arrays';
export { NdArray } from './wire/arrays';
export { CloseCode, RpcCode } from './wire/codes';
export {
  AuthenticationFailed,
  CallAborted,
  CallCancelled,
  ConnectionClosed,
  DeadlineExceeded,
  InvalidChunk,
  InvalidEnvelope,
  InvalidMessage,
  InvalidParams,
  LocalProtocolError,
  MessageStalled,
  MessageTooBig,
  MethodNotFound,
  NotSerializable,
  ProcedureRaised,
  ProtocolError,
  RemoteProtocolError,
  RpcError,
  TooManyCalls,
  TooManyPending,
  WslinkJupyterError
} from './wire/errors';
export type { ILimits } from './wire/limits';
export { VERSION } from './wire/version';
