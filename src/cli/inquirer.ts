/** The three questions of inquirer that beck asks. A file of its own, so that the bundle leaves out the others (an editor, a search). */
export { confirm, password, select } from '@inquirer/prompts';
