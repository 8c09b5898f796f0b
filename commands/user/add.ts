import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { setLine, userDocument } from '../../src/cli/pages/user-list.ts';
import { readPassword } from '../../src/cli/user/read-password.ts';
import { ITERATIONS, MECHANISM_NAMES, type MechanismName } from '../../src/user/mechanism.ts';

export default class UserAdd extends BeckCommand {
  static override summary = 'makes a user who may come in by SASL, or gives one another password';
  static override description =
    'On a terminal the password is asked for; elsewhere it is one line on stdin. It is not kept: what is stored proves it, and cannot be turned back into it. A password that a user had before is good for nothing from then on. Users are asked for by `beck serve` on listeners of SASL_SSL and SASL_PLAINTEXT.';
  static override examples = [
    { description: 'on a terminal, after asking for the password', command: 'beck user add alice' },
    { description: 'in a script', command: 'beck user add alice < password.txt' },
    {
      description: 'for clients that know this mechanism alone',
      command: 'beck user add alice --mechanism SCRAM-SHA-256 < password.txt',
    },
  ];
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'how the user is called' }),
  };
  static override flags = {
    mechanism: Flags.option({
      options: [...MECHANISM_NAMES],
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      summary: 'what to store a credential for; both by default. PLAIN works with either',
    })(),
    iterations: Flags.integer({
      helpValue: 'N',
      min: ITERATIONS.least,
      max: ITERATIONS.most,
      default: ITERATIONS.least,
      summary: 'how often the password is hashed',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(UserAdd);
    const { name } = args;
    const mechanisms: readonly MechanismName[] = flags.mechanism ?? MECHANISM_NAMES;
    const password = await readPassword(name, this.io, this.signal);
    const cluster = await this.openCluster('create');
    const isNew = await cluster.users.set({ name, password, mechanisms, iterations: flags.iterations });
    const [user] = await cluster.users.describe([name]);
    if (user === undefined) return;
    if (this.jsonEnabled()) return this.answer(userDocument(user), () => '');
    this.say(setLine(user, isNew));
  }
}
