// The parts of blessed 0.1.81 that are used: its Program (the terminal's modes, keys, mouse) and its table of
// colours, but none of its widgets.

declare module 'blessed/lib/program.js' {
  import type { EventEmitter } from 'node:events';

  export interface BlessedKey {
    readonly name?: string;
    readonly ctrl?: boolean;
    readonly shift?: boolean;
    readonly meta?: boolean;
    readonly full?: string;
  }

  export default class Program extends EventEmitter {
    constructor(options: {
      readonly input: EventEmitter & { resume(): void; pause(): void };
      readonly output: NodeJS.WriteStream;
      readonly terminal: string;
      readonly tput: false;
    });
    readonly cols: number;
    readonly rows: number;
    setMode(mode: string): void;
    resetMode(mode: string): void;
    setMouse(modes: { readonly vt200Mouse: boolean; readonly sgrMouse: boolean }, on: boolean): void;
    destroy(): void;
    on(event: 'keypress', listener: (typed: string | undefined, key: BlessedKey | undefined) => void): this;
    on(event: 'resize', listener: () => void): this;
  }
}

declare module 'blessed/lib/colors.js' {
  const colors: {
    /** Maps an index of the 256-colour table to one of the first `total`. */
    reduce(index: number, total: number): number;
    /** Returns the nearest colour of the 256-colour table. */
    match(r: number, g: number, b: number): number;
  };
  export default colors;
}
