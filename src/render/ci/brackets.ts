// `##[command]`, `##vso[area.action]` and `##teamcity[message]`: GitHub's old commands and its page's marks,
// those of Azure Pipelines, and those of TeamCity. They count anywhere in a line.

const COMMAND = /##(vso|teamcity|)\[/gi;

/** Returns a text in which none of them is left: a blank stands before each bracket. */
export function breakBrackets(text: string): string {
  return text.includes('##') ? text.replaceAll(COMMAND, '##$1 [') : text;
}
