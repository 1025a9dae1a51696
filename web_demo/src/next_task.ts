/**
 * Give the browser time for its other tasks: painting, keys, other pages. Awaiting a promise alone does not.
 *
 * A message is a task without the 4 ms that browsers add to timers.
 */
export async function nextTask(): Promise<void> {
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
