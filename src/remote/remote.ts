// What shared builds need of a place that holds them: objects with names, listed in the order of their names,
// read by ranges, written as a whole. Folders, object stores and web servers are such places.

/** A place that holds objects. What it throws are Failures that say which place, and what to do. */
export interface Remote {
  /** The place as messages have it. It holds no credentials. */
  readonly url: string;
  /**
   * Returns keys in their order.
   * @param prefix with which they begin; what comes after its last slash may be a part of a name.
   * @param after only keys that come after this one. @param most no more keys than this.
   */
  list(prefix: string, after: string | undefined, most: number): Promise<readonly string[]>;
  /**
   * Returns the bytes of an object, or of the range `[from, to)` of it, which may be shorter at its end.
   * @returns undefined if there is no such object.
   */
  get(key: string, range?: Range): Promise<Buffer | undefined>;
  /**
   * Writes an object. It is not there before all of it is.
   * @param type of its content, for browsers; a place that does not keep it says it by the name's end.
   */
  put(key: string, body: Buffer | FileBody, type?: string): Promise<void>;
  /** Removes an object, if it is there. */
  remove(key: string): Promise<void>;
  /**
   * Returns how long ago an object was written, in milliseconds, by the clock of the place; undefined if
   * there is no such object.
   */
  age(key: string): Promise<number | undefined>;
  /** Removes what killed writers have left, if that is not the place's own business. */
  removeUnfinished?(olderThan: number): void;
  /** Same as get, if this place can be read without waiting for anything. */
  getSync?(key: string, range?: Range): Buffer | undefined;
  /** How many requests were made so far. */
  readonly requests: number;
  /** Lets go of connections. */
  close(): void;
}

/** The bytes from one offset up to another one, which is not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A file to be written as an object. */
export interface FileBody {
  readonly file: string;
  readonly size: number;
  /** Told of bytes that were sent. */
  readonly sent?: (bytes: number) => void;
}
