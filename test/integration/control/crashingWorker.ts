/** A worker that dies after its first breath. */
setImmediate(() => {
  throw new Error("something has gone wrong");
});
