/** Makes those parts of the docs that the code knows: transcripts, tables, the pages of help. */
import { COMMANDS } from '../../bin/commands.ts';
import { CHAPTERS } from '../../src/cli/chapters.ts';
import { configText } from '../../src/cli/pages/topic-configs.ts';
import { ERRORS } from '../../src/errors.ts';
import { call } from '../../src/protocol/messages/32000-call.ts';
import { HANDLERS } from '../../src/server/apis.ts';
import { TOPIC_CONFIGS } from '../../src/topic/config-table.ts';
import { beck } from '../cli/memory-io.ts';
import { Terminal } from './transcript.ts';

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
const BLOCKS: Readonly<Record<string, () => string | Promise<string>>> = {
  apis: apiList,
  commands: commandBlock,
  configs: configTable,
  errors: errorTable,
};

const TRANSCRIPT = /```console\n([\s\S]*?)```/g;

/** The README with its transcripts run again, in their order and in one session, and its tables made again. */
export async function renderReadme(text: string): Promise<string> {
  const terminal = new Terminal();
  const withTranscripts = await replaceEach(
    text,
    TRANSCRIPT,
    async ([, session = '']) => `\`\`\`console\n${await replay(session, terminal)}\`\`\``,
  );
  const block = new RegExp(`<!-- (${Object.keys(BLOCKS).join('|')}) -->[\\s\\S]*?<!-- /\\1 -->`, 'g');
  return replaceEach(
    withTranscripts,
    block,
    async ([, name = '']) => `<!-- ${name} -->\n${await BLOCKS[name]?.()}<!-- /${name} -->`,
  );
}

/** docs/commands.md: `beck COMMAND --help` of all of them. */
export async function renderCommands(): Promise<string> {
  const pages = await Promise.all(
    commandNames().map(async (name) => `## beck ${name}\n\n\`\`\`text\n${await helpOf(name)}\`\`\`\n`),
  );
  return `# The commands\n\nWhat \`beck COMMAND --help\` prints, of every command. \`npm run docs\` writes this page.\n\n${pages.join('\n')}`;
}

async function replay(session: string, terminal: Terminal): Promise<string> {
  const lines = session.split('\n').filter((line) => line.startsWith('$ '));
  let screen = '';
  for (const line of lines) screen += `${line}\n${await terminal.type(line.slice(2))}`;
  return screen;
}

/** How each command is called, with the sentence of its help. */
async function commandBlock(): Promise<string> {
  const chapters = await Promise.all(
    CHAPTERS.map(async ({ title, commands }) => {
      const rows = await Promise.all(commands.filter((name) => name in COMMANDS).map(usageOf));
      return rows.length === 0 ? '' : `**${title}**\n\n\`\`\`text\n${rows.join('\n')}\`\`\`\n\n`;
    }),
  );
  return `\n${chapters.join('')}`;
}

async function usageOf(name: string): Promise<string> {
  const page = await helpOf(name);
  const usage = /\nUsage\n([\s\S]*?)\n(?:\n|$)/.exec(page)?.[1] ?? '';
  const sentence = page.split('\n\n')[0] ?? '';
  return `${usage.replace(/^ {2}/gm, '')}\n    ${sentence.replaceAll('\n', '\n    ')}\n`;
}

async function helpOf(name: string): Promise<string> {
  const { stdout } = await beck([...name.split(' '), '--help']);
  return stdout;
}

/** In the order of the help. */
function commandNames(): string[] {
  return CHAPTERS.flatMap(({ commands }) => commands).filter((name) => name in COMMANDS);
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { exit, message, hint }]) => `| \`${code}\` | ${exit} | ${cell(message)} | ${cell(hint)} |\n`,
  );
  return `\n| code | exit | what it says | what it advises |\n| --- | --: | --- | --- |\n${rows.join('')}\n`;
}

/** A sentence of a template, its placeholders in capitals as in help; one that is all placeholder is the thrower's own. */
function cell(template: string): string {
  if (template === '{problem}') return '*what is wrong*';
  return template.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase()).replaceAll('|', '\\|');
}

function configTable(): string {
  const rows = TOPIC_CONFIGS.filter(({ effective }) => effective).map(
    ({ name, default: byDefault, doc }) => `| \`${name}\` | ${configText(name, byDefault)} | ${doc} |\n`,
  );
  const idle = TOPIC_CONFIGS.filter(({ effective }) => !effective).map(({ name }) => `\`${name}\``);
  return `\n| config | default | |\n| --- | --- | --- |\n${rows.join('')}\nAccepted, checked, kept and shown because scripts set them, without effect here: ${idle.join(', ')}.\n\n`;
}

/** What a server answers, in the order of Kafka's numbers. */
function apiList(): string {
  const kafkas = HANDLERS.filter(({ api }) => api.key !== call.key);
  const rows = kafkas.map(({ api: { name, key, advertised } }) => `${name} (${key}) ${advertised.join('–')}`);
  return `\n${rows.join(' · ')}\n\n`;
}

async function replaceEach(
  text: string,
  pattern: RegExp,
  make: (match: RegExpMatchArray) => Promise<string>,
): Promise<string> {
  let made = '';
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    made += text.slice(from, match.index) + (await make(match));
    from = match.index + match[0].length;
  }
  return made + text.slice(from);
}
