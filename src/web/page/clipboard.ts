// Text out of the page: into the clipboard, or as a file.

/** @returns whether it is there now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Undefined where the page did not come over a connection that the browser trusts.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden-text';
  document.body.append(area);
  const focused = document.activeElement;
  area.select();
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- what is left without a clipboard
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}

/** A name that a file can have anywhere. */
function fileName(name: string): string {
  return name.replace(/[\x00-\x1f\x7f/\\:*?"<>|]+/g, '_').slice(-100) || 'log';
}

/** Parts as one text or file. */
export function blobOf(parts: readonly Uint8Array[], type = 'text/plain'): Blob {
  return new Blob(parts as Uint8Array<ArrayBuffer>[], { type });
}

/** Has the browser save parts as a file. */
export function saveAs(name: string, parts: readonly Uint8Array[]): void {
  const url = URL.createObjectURL(blobOf(parts));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName(name);
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

/** Collects what is answered in parts, each of which says where the next one begins. */
export async function wholeOf(
  part: (from: number) => Promise<{ readonly bytes: Uint8Array; readonly next?: number }>,
  most = Infinity,
): Promise<{ readonly parts: Uint8Array[]; readonly complete: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let from: number | undefined = 0; from !== undefined;) {
    const { bytes, next } = await part(from);
    parts.push(bytes);
    size += bytes.length;
    if (size > most) return { parts, complete: false };
    from = next;
  }
  return { parts, complete: true };
}
