// Colours as numbers: contrast as WCAG 2 defines it, and the nearest shade of a colour that can be read on a
// background. Pure.

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** What text of normal size needs for WCAG's level AA. */
const LEGIBLE = 4.5;

const STEPS = 20;

export function hex([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** @param text `#rrggbb`. */
export function rgb(text: string): Rgb {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** A colour between two others. @param share 0: the first, 1: the second. */
export function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  return one.map((part, i) => part + (other[i]! - part) * share) as unknown as Rgb;
}

/** The colour itself if it can be read on the background, else the nearest shade of it that can. */
export function legible(colour: Rgb, background: Rgb): Rgb {
  if (contrast(colour, background) >= LEGIBLE) return colour;
  const towards: Rgb = luminance(background) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let step = 1; step < STEPS; step++) {
    const shade = mixed(colour, towards, step / STEPS);
    if (contrast(shade, background) >= LEGIBLE) return shade;
  }
  return towards;
}
