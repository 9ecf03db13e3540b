import { hasNewer, type OutdatedComponent } from 'bunny-libos-resolver';

/** `2 could be newer, 1 is yanked`: what is withdrawn and has nothing newer is no news of that sort. */
export function verdict(components: readonly OutdatedComponent[]): string {
  const newer = components.filter(hasNewer);
  const others = components.filter((component) => !newer.includes(component));
  const yanked = others.filter((component) => component.yanked).length;
  const moved = others.length - yanked;
  const parts = [
    ...(newer.length === 0 ? [] : [`${newer.length} could be newer`]),
    ...(yanked === 0 ? [] : [`${yanked} ${yanked === 1 ? 'is' : 'are'} yanked`]),
    ...(moved === 0 ? [] : [`${moved} would be older, or left out`]),
  ];
  return parts.join(', ') || 'all are up to date';
}
