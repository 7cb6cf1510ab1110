// The page of `man loglin`, in the man macros of roff, made of the help texts. Knows only what commander's
// definitions and the texts have.

/** @typedef {import('commander').Command} Command */

/** Characters that roff would read, or print, as others. */
const SPECIAL = new Map([
  ['\\', String.raw`\e`],
  ['-', String.raw`\-`],
  ["'", String.raw`\(aq`],
  ['`', String.raw`\(ga`],
  ['^', String.raw`\(ha`],
  ['~', String.raw`\(ti`],
  ['"', String.raw`\(dq`],
]);

/** A text as roff prints it, whatever is in it; for lines and arguments of macros. @param {string} text */
export function escaped(text) {
  const plain = text.replaceAll(/[\\\-'`^~"]|[^\x20-\x7e\n]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return SPECIAL.get(character) ?? `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
  // What begins with these is a request.
  return plain.replaceAll(/^\./gm, String.raw`\&.`);
}

/** A text to be filled: a line for each sentence, and none too long. @param {string} text */
function filled(text) {
  const sentences = text
    .split('\n')
    .join(' ')
    .split(/(?<=[.;]) +/);
  return sentences
    .map((sentence) => escaped(sentence.replaceAll(/(.{1,70})( +|$)/g, '$1\n')).trimEnd())
    .join('\n');
}

/** Lines as they are. @param {string} text */
function verbatim(text) {
  return `.PP\n.nf\n${escaped(text)}\n.fi\n`;
}

/** Paragraphs: those that are indented stand as they are, the others are filled. @param {string} text */
function paragraphs(text) {
  return text
    .split(/\n{2,}/)
    .map((part) => part.replace(/^\n+|\s+$/g, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [first = '', ...rest] = part.split('\n');
      if (first.startsWith(' ')) return verbatim(part);
      // A heading with its examples.
      if (rest.length > 0 && rest.every((line) => line.startsWith(' ')))
        return `.PP\n${filled(first)}\n${verbatim(rest.join('\n'))}`;
      return `.PP\n${filled(part)}\n`;
    })
    .join('');
}

/**
 * The text of a command's help after its options.
 * @param {Command} command
 * @param {string} docs the folder of the pages, which is elsewhere when it is installed
 */
function after(command, docs) {
  let shown = '';
  command.configureOutput({
    writeOut: (text) => {
      shown += text;
    },
  });
  const options = command.helpInformation();
  command.outputHelp();
  if (!shown.startsWith(options))
    throw new Error(`the help of ${command.name()} does not begin with its options`);
  return shown.slice(options.length).replaceAll(docs, 'docs');
}

/** @param {Command} command @param {string} docs */
function section(command, docs) {
  const options = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description }) => `.TP\n.B ${escaped(flags)}\n${filled(description)}\n`);
  const [first = '', ...others] = `loglin ${command.name()} ${command.usage()}`.split('\n');
  return [
    `.SS ${escaped(first)}\n`,
    ...others.map((line) => `.B ${escaped(line.trim())}\n.PP\n`),
    `${filled(command.description())}\n`,
    ...options,
    paragraphs(after(command, docs)),
  ].join('');
}

/**
 * The page.
 * @param {{ version: string, date: Date, help: string, docs: string, commands: readonly Command[] }} of help:
 *   the text of `loglin --help`; docs: the folder of the pages, as the commands' help names it
 */
export function manual({ version, date, help, docs, commands }) {
  const [, name = '', summary = '', text = ''] = /^(\w+): (.*)\n([^]*)$/.exec(help) ?? [];
  if (name === '') throw new Error('the help does not begin with `loglin: what it does`');
  return [
    `.TH ${name.toUpperCase()} 1 ${date.toISOString().slice(0, 10)} ${escaped(`"${name} ${version}"`).replaceAll(String.raw`\(dq`, '"')}\n`,
    `.SH NAME\n${name} \\- ${escaped(summary)}\n`,
    `.SH SYNOPSIS\n.B ${name}\n[options] command [argument ...]\n.br\n.B ${name}\nshow | ls | jobs | why | ... [options] [argument ...]\n`,
    `.SH DESCRIPTION\n${paragraphs(text).replace(/^\.PP\n/, '')}`,
    '.SH COMMANDS\n',
    ...commands.map((command) => section(command, docs)),
    `.SH SEE ALSO\n${filled(`The pages of docs/: ${name} --help says where they are.`)}\n`,
  ].join('');
}
