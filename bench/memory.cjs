/** Loaded before the API where its memory is measured: asked by its parent, tells what is left of it after a collection. */
process.on('message', (asked) => {
  if (asked !== 'memory') return;
  for (let i = 0; i < 4; i += 1) globalThis.gc();
  setTimeout(() => {
    globalThis.gc();
    process.send({ memory: process.memoryUsage() });
  }, 500);
});
process.channel.unref();
