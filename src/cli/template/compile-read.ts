import type { BrokerError } from '../../errors.ts';
import { type ReadLimits, SIZES, type StoreText, sizeOf, storeNumber, storeText, TEXTS } from './draft.ts';
import { NUMBER_FORMATS, type NumberFormat, numberFormat } from './numbers.ts';
import { checkArgument, type FieldPart, type HeadersPart, malformed, type Part, parseTemplate } from './parse.ts';
import { fields, hasField, isSizing, recordEnd } from './part-queries.ts';
import { GivenStep, HeadersStep, LiteralStep, NumberStep, type Step } from './steps.ts';
import { DelimitedStep, JsonStep, RegexStep, RestStep, SizedStep } from './text-steps.ts';
import { TEXT_FORMATS, textFormat } from './texts.ts';

/** How an input template is read. */
export interface ReadPlan {
  readonly steps: readonly Step[];
  /** Cut the input at these bytes first, and read each piece by itself: what does not match costs only its own line. */
  readonly line: Buffer | null;
  /** Without `line`: where to go on after what does not match; null when that cannot be told (binary sizes). */
  readonly resync: Buffer | null;
  /** Whether white space alone is the end of the input (JSON values one after the other). */
  readonly skipsSpace: boolean;
  /** Bytes of text that a field of one byte may take: 2 when some are in hex or base64. */
  readonly expansion: 1 | 2;
}

/** Why the topic is not read where there is one already. */
const NAMED = 'the topic is named on the command line, not read from the input';

/** Fields that exist in print alone, and why. */
const PRINT_ONLY: Readonly<Record<string, string>> = {
  a: 'attributes are the batch’s own and cannot be read from an input',
  i: '%i counts what is printed',
  '[': 'the log start belongs to the partition',
  '|': 'the last stable offset belongs to the partition',
  ']': 'the high watermark belongs to the partition',
};

/** @throws BrokerError USAGE, naming the character of what cannot be read */
export function compileRead(template: string, limits: ReadLimits): ReadPlan {
  const parts = parseTemplate(template);
  return new ReadCompiler(template, limits, parts).plan();
}

class ReadCompiler {
  readonly #template: string;
  readonly #limits: ReadLimits;
  readonly #parts: readonly Part[];
  readonly #line: Buffer | null;
  /** The end of a record, which no delimited field can hold, where records are not lines because of JSON. */
  readonly #stop: Buffer | null;

  constructor(template: string, limits: ReadLimits, parts: readonly Part[]) {
    this.#template = template;
    this.#limits = limits;
    this.#parts = parts;
    const end = recordEnd(parts);
    const hasJson = fields(parts).some((part) => part.modifier?.name === 'json');
    this.#line = hasJson ? null : end;
    this.#stop = hasJson ? end : null;
  }

  plan(): ReadPlan {
    const last = this.#parts.at(-1);
    const bare = this.#line === null ? this.#parts : this.#parts.slice(0, -1);
    const steps = this.#steps(bare, false);
    if (!hasField(this.#parts, 'v'))
      throw malformed(
        this.#template,
        0,
        'an input wants %v: a record without a value is a tombstone, and that must be said',
      );
    const resync = last?.kind === 'literal' && !fields(this.#parts).some(isSizing) ? last.bytes : null;
    const first = this.#parts[0];
    const skipsSpace = first?.kind === 'field' && first.modifier?.name === 'json';
    return {
      steps,
      line: this.#line,
      resync,
      skipsSpace,
      expansion: fields(this.#parts).some((part) => part.modifier !== null && 'kv'.includes(part.field)) ? 2 : 1,
    };
  }

  #steps(parts: readonly Part[], inHeader: boolean): Step[] {
    const steps: Step[] = [];
    const seen = new Set<string>();
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as Part;
      const next = parts[i + 1];
      if (part.kind === 'literal') {
        steps.push(new LiteralStep(part.bytes, next === undefined && !inHeader));
        continue;
      }
      const field = part.kind === 'headers' ? 'h' : part.field;
      this.#checkOrder(part, field, seen, inHeader);
      if (part.kind === 'headers') steps.push(this.#headers(part));
      else if (TEXTS.includes(field))
        i += this.#text(part, next, seen, steps, inHeader, i + 2 === parts.length) ? 1 : 0;
      else steps.push(this.#number(part));
    }
    return steps;
  }

  #checkOrder(part: Part, field: string, seen: Set<string>, inHeader: boolean): void {
    const why = 'tT'.includes(field) && this.#limits.topic !== null ? NAMED : PRINT_ONLY[field];
    if (why !== undefined) throw this.#malformed(part, `%${field} is not for input: ${why}`);
    if (inHeader && !'kvKV'.includes(field)) throw this.#malformed(part, `a header has %k %v %K and %V, not %${field}`);
    if (seen.has(field)) throw this.#malformed(part, `%${field} is there twice`);
    if (SIZES.includes(field) && seen.has(field.toLowerCase()))
      throw this.#malformed(part, `the size %${field} must come before %${field.toLowerCase()}`);
    if (field === 'h' && !seen.has('H')) throw this.#malformed(part, 'the number of headers, %H, must come before %h');
    seen.add(field);
  }

  /** Adds the step of a key, value or topic; true when it has taken the literal after it, as its delimiter. */
  #text(
    part: FieldPart,
    next: Part | undefined,
    seen: Set<string>,
    steps: Step[],
    inHeader: boolean,
    nextIsLast: boolean,
  ): boolean {
    const name = inHeader ? `a header's %${part.field}` : `%${part.field}`;
    const store = this.#store(part, name, inHeader);
    const most = this.#limits.maxRecordBytes * (part.modifier === null ? 1 : 2);
    if (seen.has(part.field.toUpperCase())) {
      if (part.modifier?.name === 're' || part.modifier?.name === 'json')
        throw this.#malformed(part, `%${part.field} has a size, so it cannot have {${part.modifier.name}}`);
      steps.push(new SizedStep(name, sizeOf(part.field), most, store));
    } else if (part.modifier?.name === 'json') steps.push(new JsonStep(name, most, store));
    else if (part.modifier?.name === 're') steps.push(new RegexStep(name, this.#regex(part), store));
    else if (next?.kind === 'literal') {
      const last = nextIsLast && !inHeader && this.#line === null;
      steps.push(new DelimitedStep(name, next.bytes, { last, stop: last ? null : this.#stop }, most, store));
      return true;
    } else if (next === undefined && this.#line !== null && !inHeader) steps.push(new RestStep(store));
    else throw this.#endless(part, next);
    return false;
  }

  #endless(part: FieldPart, next: Part | undefined): BrokerError {
    const field = part.field;
    const hint =
      next === undefined
        ? `\\n after it for lines, %${field.toUpperCase()} before it for a size, or --whole`
        : `a delimiter after it, or a size before it: %${field.toUpperCase()}{big32}`;
    return malformed(this.#template, part.at, `nothing says where %${field} ends`, hint);
  }

  #regex(part: FieldPart): RegExp {
    if (this.#line === null)
      throw this.#malformed(
        part,
        '{re[…]} is for templates whose records end in a delimiter that occurs nowhere else in them',
      );
    try {
      return new RegExp(part.modifier?.argument as string, 'uy');
    } catch (error) {
      throw malformed(this.#template, part.at, `not a regular expression: ${(error as Error).message}`, '');
    }
  }

  /** What turns the text of a key, value or topic into its bytes. */
  #store(part: FieldPart, name: string, inHeader: boolean): StoreText {
    const { modifier } = part;
    const format = modifier === null ? undefined : textFormat(modifier.name);
    const known = TEXT_FORMATS.filter((row) => row.writer === undefined || row.decode !== undefined)
      .map((row) => row.name)
      .filter((known) => part.field !== 't' || known !== 'json');
    if (modifier !== null && (format === undefined || !known.includes(format.name))) {
      throw malformed(
        this.#template,
        modifier.at,
        `%${part.field} cannot be read as '${modifier.name}'`,
        `%${part.field} can be read as ${known.join(' ')}`,
      );
    }
    if (modifier !== null) checkArgument(this.#template, modifier, format?.argument !== undefined);
    return storeText(part.field, name, format, this.#limits, inHeader);
  }

  #headers(part: HeadersPart): Step {
    if (!hasField(part.parts, 'k')) throw this.#malformed(part, 'a header wants its name, %k');
    return new HeadersStep(this.#steps(part.parts, true), this.#limits.maxRecordBytes);
  }

  /** A number that is read from the input, or, for a size or count in digits, `%K{4}`, taken from the template. */
  #number(part: FieldPart): Step {
    const { field, modifier } = part;
    const store = storeNumber(field);
    const name = modifier?.name ?? 'ascii';
    if (modifier !== null) checkArgument(this.#template, modifier, false);
    if (`${SIZES}H`.includes(field) && /^\d+$/.test(name)) {
      const n = Number(name);
      if (n === 0 || !Number.isSafeInteger(n)) throw this.#malformed(part, `%${field} wants a whole number from 1 on`);
      return new GivenStep(n, store);
    }
    if (name === 'ascii')
      return new NumberStep(
        `%${field}`,
        null,
        (bytes) => (bytes.length === 0 ? Number.NaN : Number(bytes.toString('latin1'))),
        store,
      );
    const format = numberFormat(name);
    if (format?.read === undefined) throw this.#unreadable(part, name);
    return new NumberStep(`%${field}`, format.size as number, format.read, store);
  }

  #unreadable(part: FieldPart, name: string): BrokerError {
    const known = NUMBER_FORMATS.filter((row: NumberFormat) => row.read !== undefined).map((row) => row.name);
    const digits = `${SIZES}H`.includes(part.field) ? ' or a number' : '';
    return malformed(
      this.#template,
      part.at,
      `%${part.field} cannot be read as '${name}'`,
      `%${part.field} can be read as ascii ${known.join(' ')}${digits}`,
    );
  }

  #malformed(part: Part, problem: string): BrokerError {
    return malformed(
      this.#template,
      part.at,
      problem,
      `an input reads ${this.#limits.topic === null ? '%t %T ' : ''}%k %v %K %V %H %h{} %p and %d; %o %e %x %y are read and ignored`,
    );
  }
}
