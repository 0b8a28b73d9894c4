// A client of Tally for everybody: call, query, publish, follow events, and verify offline. In Node, node.js beside it.

export { verifyAnswer } from "./answer.js";
export { Channel } from "./channel.js";
export { NotProven } from "./checks.js";
export { Client } from "./client.js";
export { BadAnswer, Refused, TallyError, Unavailable } from "./errors.js";
export { memoryCursor, storageCursor } from "./events.js";
export { verifyEvidence } from "./evidence.js";
export { Identity, SigningKey } from "./identity.js";
export { verifyReceipt } from "./receipt.js";
export { verifySealedInvoice } from "./sealed_invoice.js";
export { readRecord, signDay, signPossession } from "./records.js";
export { verify } from "./verify.js";
