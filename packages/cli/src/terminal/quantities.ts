export { formatBytes, parseSize } from 'bunny-libos-spec';

const day = 24 * 60 * 60 * 1000;
const ages: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: day, w: 7 * day };
/** `90m`, `12h`, `30d`, `2w` in milliseconds; undefined where it is none. */
export function parseAge(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d+)?)\s*([mhdw])$/.exec(text) ?? [];
  const scale = ages[unit];
  return scale === undefined ? undefined : Number(number) * scale;
}

/** `0.42 s` */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

/** How long this command has been running, from the start of its process: what whoever waits for it sees. `0.42 s` */
export function timeSinceStart(): string {
  return formatSeconds(performance.now());
}

/** `1 variant`, `2 variants` */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
