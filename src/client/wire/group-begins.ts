import { BrokerError } from '../../errors.ts';
import { type Begun, type FoundEnd, groupQuestion } from '../group-begin.ts';
import type { GroupConsumeOptions, PartitionOffset } from '../group-reader.ts';
import type { LocatedRange } from '../range.ts';
import type { Line } from './line.ts';
import { endsOf, locateWireRanges } from './offsets.ts';
import type { WirePlaces } from './places.ts';
import { settledRanges } from './settled-ranges.ts';
import { WireTopics } from './topics.ts';

/** As `GroupBegins`, from afar. */
export class WireGroupBegins {
  readonly #line: Line;
  readonly #places: WirePlaces;
  readonly #options: GroupConsumeOptions;
  /** Of each partition there was when the member came. */
  readonly #found: ReadonlyMap<number, FoundEnd & Pick<LocatedRange, 'topic' | 'partition'>>;

  private constructor(line: Line, places: WirePlaces, options: GroupConsumeOptions, ranges: readonly LocatedRange[]) {
    this.#line = line;
    this.#places = places;
    this.#options = options;
    this.#found = new Map(
      ranges.map(({ id, topic, partition, highWatermark, lastStable }) => {
        const end = options.isolation === 'read_committed' ? lastStable : highWatermark;
        return [id, { topic, partition, end, heldBack: highWatermark - end }];
      }),
    );
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern). */
  static async find(line: Line, places: WirePlaces, options: GroupConsumeOptions): Promise<WireGroupBegins> {
    const topics = await new WireTopics(line).select(options.topics);
    if (topics.length === 0 && 'pattern' in options.topics && !options.follow)
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: options.topics.pattern });
    const question = { from: { at: 'start' }, follow: false, isolation: options.isolation } as const;
    const ranges = await settledRanges(line, () => locateWireRanges({ line, places }, topics, question));
    return new WireGroupBegins(line, places, options, ranges);
  }

  /** As `groupQuestion`; `committed` is what the group has stored of it. */
  async locate(id: number, committed: number | null): Promise<Begun> {
    const { topic, partition } = this.#places.at(id);
    const found = this.#found.get(id);
    const { highWatermark: end } = (await endsOf(this.#line, [{ topic: topic.name, partition }]))({
      topic: topic.name,
      partition,
    });
    const { question, beyond } = groupQuestion(this.#options, { partition, committed, end, found });
    const [range] = await locateWireRanges({ line: this.#line, places: this.#places }, [topic], question);
    const located = range as LocatedRange;
    const heldBack = this.#options.follow ? located.heldBack : (found?.heldBack ?? located.heldBack);
    return { ...located, heldBack, beyond };
  }

  /** Whether a group that has committed these offsets has come to every end. */
  async areReached(committed: readonly PartitionOffset[]): Promise<boolean> {
    const found = [...this.#found.values()];
    const ends = await endsOf(this.#line, found);
    const offsets = new Map(committed.map(({ topic, partition, offset }) => [`${partition} ${topic}`, offset]));
    return found.every((place) => {
      const offset = offsets.get(`${place.partition} ${place.topic}`) ?? 0;
      return place.end <= ends(place).logStart || offset >= place.end;
    });
  }
}
