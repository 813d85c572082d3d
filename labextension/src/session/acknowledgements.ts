/** Which publications of one connection wait to be acknowledged. */

type Arrived = { readonly number: number; isDone: boolean };

/**
 * Acknowledges publications in the order in which they came, topic by topic.
 *
 * An acknowledgement stands for all that came before it, so none goes out while
 * an earlier value of the topic is still being dealt with.
 */
export class Acknowledgements {
  /** By topic, oldest first; topics of which nothing waits are not there. */
  private readonly arrived = new Map<string, Arrived[]>();

  /** @param send - Sends one acknowledgement. */
  constructor(private readonly send: (topic: string, number: number) => void) {}

  /** Note that a publication came; return what to call when it is dealt with. */
  expect(topic: string, number: number): () => void {
    const publication = { number, isDone: false };
    const queue = this.arrived.get(topic) ?? [];
    this.arrived.set(topic, queue);
    queue.push(publication);
    return () => {
      if (!publication.isDone) {
        publication.isDone = true;
        this.acknowledge(topic, queue);
      }
    };
  }

  private acknowledge(topic: string, queue: Arrived[]): void {
    const waits = queue.findIndex(({ isDone }) => !isDone);
    const done = queue.splice(0, waits < 0 ? queue.length : waits);
    if (queue.length === 0) {
      this.arrived.delete(topic);
    }
    if (done.length > 0) {
      // Publications of several threads may come out of the order of their numbers.
      const last = done.reduce((most, each) => Math.max(most, each.number), 0);
      this.send(topic, last);
    }
  }
}
