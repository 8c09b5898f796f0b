import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FrameSplitter } from '../../src/protocol/frame.ts';

function framed(...bodies: Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length);
      return [length, body];
    }),
  );
}

describe('a stream is cut into frames (W7)', () => {
  it('wherever its pieces end', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    const cuts = fc.array(fc.nat(300), { maxLength: 20 });
    fc.assert(
      fc.property(bodies, cuts, (some, at) => {
        const frames = some.map((body) => Buffer.from(body));
        const stream = framed(...frames);
        const ends = [...at.filter((cut) => cut < stream.length), stream.length].sort((a, b) => a - b);
        const splitter = new FrameSplitter();
        const got = ends.flatMap((end, i) => splitter.push(stream.subarray(ends[i - 1] ?? 0, end)));
        expect(got).toEqual(frames);
        expect(splitter.isBetween).toBe(true);
      }),
    );
  });

  it('a frame in one piece shares its memory', () => {
    const chunk = framed(Buffer.from('one'), Buffer.from('two'));
    const frames = new FrameSplitter().push(chunk);
    expect(frames.map(String)).toEqual(['one', 'two']);
    expect(frames.map((frame) => [frame.buffer === chunk.buffer, frame.byteOffset - chunk.byteOffset])).toEqual([
      [true, 4],
      [true, 11],
    ]);
  });

  it('a large frame in many pieces arrives whole, and what follows it too', () => {
    const large = Buffer.alloc(5_000_001, 'abcdefg');
    const stream = framed(large, Buffer.from('next'));
    const splitter = new FrameSplitter();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 65_536) frames.push(...splitter.push(stream.subarray(at, at + 65_536)));
    expect(frames.map((frame) => frame.length)).toEqual([large.length, 4]);
    expect(frames[0]?.equals(large)).toBe(true);
  });

  it('makes room as bytes come, not as a length says, and seldom (W3)', () => {
    const room = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const splitter = new FrameSplitter();
    splitter.push(Buffer.from('06400000ff', 'hex'));
    expect(room.mock.calls).toEqual([[2 ** 20]]);
    const piece = Buffer.alloc(1000);
    for (let got = 1; got < 2 ** 23; got += piece.length) splitter.push(piece);
    const sizes = room.mock.calls.map(([size]) => size);
    expect(sizes.length).toBe(4);
    expect(Math.max(...sizes)).toBeLessThan(2 ** 24);
    room.mockRestore();
  });

  it.each([
    ['a negative length', 'ffffffff', 'a frame: its length is -1, of 100 at most'],
    ['one over the limit', '00000065', 'a frame: its length is 101, of 100 at most'],
  ])('%s is malformed', (_, hex, problem) => {
    expect(() => new FrameSplitter(100).push(Buffer.from(hex, 'hex'))).toThrow(problem);
  });

  it('tells whether the stream may end', () => {
    const splitter = new FrameSplitter(100);
    expect(splitter.isBetween).toBe(true);
    splitter.push(Buffer.from('0000', 'hex'));
    expect(splitter.isBetween).toBe(false);
    expect(splitter.push(Buffer.from('000161', 'hex')).map(String)).toEqual(['a']);
    expect(splitter.isBetween).toBe(true);
  });
});
