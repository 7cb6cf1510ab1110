// Opaque numbers, so that a job is never mistaken for an offset.

/** A job of one build, counted from 0 (the root job) in the order in which the recorder heard of it. */
export type JobId = number & { readonly brand: 'JobId' };
/**
 * A tool instance of one build, such as a make process, counted from 0. A make that re-executes itself stays
 * one instance.
 */
export type InstanceId = number & { readonly brand: 'InstanceId' };
/** A position in a job's log, in bytes. */
export type ByteOffset = number & { readonly brand: 'ByteOffset' };

export const ROOT = 0 as JobId;
export const START = 0 as ByteOffset;
