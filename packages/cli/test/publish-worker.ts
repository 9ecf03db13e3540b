import { Bases } from 'bunny-libos-namespace';
import { Network, Store } from 'bunny-libos-oci';
import { preparePublish, publish } from 'bunny-libos-publisher';

/**
 * A publisher for campaigns that publish often: `node publish-worker.js TO STORE ARCH`. For each path that
 * its parent sends it plans the publication of that directory's variants for ARCH and says `planned`; at the
 * next message it carries the plan out, and says what it has pushed or why not.
 */
const [to = '', directory = '', arch = ''] = process.argv.slice(2);
const store = await Store.open(directory);

const say = (message: unknown) => process.send?.(message);
const messages: unknown[] = [];
let arrived = () => {};
process.on('message', (message) => {
  messages.push(message);
  arrived();
});

async function next(): Promise<unknown> {
  while (messages.length === 0) {
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  }
  return messages.shift();
}

for (let path = await next(); path !== 'end'; path = await next()) {
  // As in a process of its own: nothing is known from the time before.
  const network = new Network();
  const options = {
    paths: [String(path)],
    to,
    bases: new Bases([to], process.cwd(), { network }),
    network,
    store,
    filter: { arch: [arch] },
  };
  const plans = await preparePublish(options);
  say('planned');
  await next();
  try {
    const pushed: string[] = [];
    for (const plan of plans) {
      const result = await publish(plan, options);
      pushed.push(...result.pushed.map(({ variant }) => variant.tag));
      if (result.warnings.length > 0) throw new Error(result.warnings.join('\n'));
    }
    say({ pushed });
  } catch (error) {
    say({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
process.disconnect();
