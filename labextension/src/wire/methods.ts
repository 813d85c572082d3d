/** The names of the requests to the wire itself. */

export const HELLO_METHOD = 'wslink.hello';

/** Ends a call that runs; the argument is its id. */
export const CANCEL_METHOD = 'wslink_jupyter.cancel';
/** The arguments of these two are topics. */
export const SUBSCRIBE_METHOD = 'wslink_jupyter.subscribe';
export const UNSUBSCRIBE_METHOD = 'wslink_jupyter.unsubscribe';
/** Has no reply; the arguments are topic and number of a publication. */
export const ACK_METHOD = 'wslink_jupyter.ack';
/**
 * Has no reply; the argument is how many bytes of frames came since the connection
 * opened. Only for a server whose hello says `receipts`.
 */
export const RECEIVED_METHOD = 'wslink_jupyter.received';
