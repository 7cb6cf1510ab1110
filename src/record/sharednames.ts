// What the objects of shared builds are called, below the folder of their project (docs/sharing.md): for
// those who write them, and for the page that lies beside them.

/** The folder of the builds; each has one of its own there, by its id. */
export const BUILDS = 'b/';
/** A build's journal, graphs and index of logs. */
export const RECORD = 'record';
/** Its logs. */
export const PACK = 'logs.pack';
/** The list of builds that the page shows: a web server has no listing that a page could rely on. */
export const LIST = 'builds.json';
